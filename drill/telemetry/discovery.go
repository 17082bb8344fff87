package telemetry

import "time"

// Discovery is how one region's gateway found the authority of one dataset, and what came of the calls that it sent there
// since the drill began.
type Discovery struct {
	Region  string `json:"region"`
	Dataset string `json:"dataset"`
	Kind    string `json:"kind"` // a topology.Discovery… kind
	// Endpoints are the regions that it would send a write to now; none is none.
	Endpoints []string `json:"endpoints"`
	// Expires is when a name's address is looked up anew, on the engine's clock; nil where none is kept.
	Expires *time.Duration `json:"expires,omitempty"`
	Calls   uint64         `json:"calls"` // that ended
	// Stale calls went to a region that did not answer (Unanswered of them) or that does not lead the dataset.
	Stale      uint64 `json:"stale"`
	Unanswered uint64 `json:"unanswered"`
	// None is writes for which there was no endpoint: refused at once, and no calls.
	None uint64 `json:"none"`
	// StaleFrom and StaleUntil are when the first and the last call of the newest spell was sent to a stale endpoint, on the
	// engine's clock; nil before the first.
	StaleFrom  *time.Duration `json:"stale_from,omitempty"`
	StaleUntil *time.Duration `json:"stale_until,omitempty"`
	// Silent says that the region's gateway did not answer this time, so that all this is of its last answer.
	Silent bool `json:"silent,omitempty"`
}
