package telemetry

import "time"

// Reads is what the reads of a population found that were answered and looked for a write which its user, or another one, had been
// told is stored before the read was sent. Stale ones lacked it; a lost write is one that they lack, too, until a check of the
// ledger has found it lost. Own are those that looked for what the same user wrote just before, and OwnMissed the stale ones of
// them. Age is how long before a stale read was sent what it lacked had been acknowledged; P50, P99 and Max are what all of these reads
// took. A quantile of fewer than LatencyNeeds is nil.
type Reads struct {
	Answered  int            `json:"answered"`
	Stale     int            `json:"stale"`
	Own       int            `json:"own"`
	OwnMissed int            `json:"own_missed"`
	AgeP50    *time.Duration `json:"age_p50"`
	AgeMax    *time.Duration `json:"age_max"`
	P50       *time.Duration `json:"p50"`
	P99       *time.Duration `json:"p99"`
	Max       *time.Duration `json:"max"`
}
