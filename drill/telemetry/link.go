package telemetry

import "time"

// Link is one direction of a link. Bytes is cumulative payload delivered.
type Link struct {
	From  string  `json:"from"`
	To    string  `json:"to"`
	Bytes uint64  `json:"bytes"`
	Rate  float64 `json:"rate"` // bytes per second since the last sample
	Cut   bool    `json:"cut,omitempty"`
	// Datasets is what of Bytes was each dataset's own: replication and writes on
	// their way to the authority, by the relay they came through.
	Datasets map[string]uint64 `json:"datasets,omitempty"`
	// Transit is how long its bytes were on their way in the last seconds, as its relay measured it (a mean); nil where
	// nothing crossed, or at once. Journals of before have none.
	Transit *time.Duration `json:"transit,omitempty"`
	// Resent is the segments that loss has cost so far, each sent again.
	Resent uint64 `json:"resent,omitempty"`
}
