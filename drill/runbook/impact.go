package runbook

import "time"

// Impact is what a destructive command is expected to break, from what was
// last measured. It is a prediction and is shown as one.
type Impact struct {
	// Users is, of each population, the share of the users asking between the fault and the
	// recovery from it who have a request that fails or is too slow.
	Users map[string]float64 `json:"users"`
	// Share is the same over all users.
	Share float64 `json:"share"`
	// WritesAtRisk is, per dataset that would lose its authority, the most acknowledged writes
	// that it would lose; nil when no bound is known.
	WritesAtRisk map[string]*uint64 `json:"writes_at_risk"`
	// RTO is detection and the lease as configured, whichever takes longer; of a planned move what its steps take. A
	// model.
	RTO time.Duration `json:"rto"`
	// LastCopy names the datasets of which no other healthy replica would be left.
	LastCopy []string `json:"last_copy,omitempty"`
	// Waits says, per dataset whose writes would wait until the region is back or an
	// operator gives its durability up, what its mode would lack.
	Waits map[string]string `json:"waits,omitempty"`
	// Lines say the same to a person.
	Lines []string `json:"lines"`
}
