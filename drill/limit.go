package drill

import "github.com/fleetdrill/fleetdrill/drill/runbook"

// Limit is an op that a platform can't do: why, and what to do instead ("" where there is
// nothing).
type Limit struct {
	Op   runbook.Verb `json:"op"`
	Why  string       `json:"why"`
	Next string       `json:"next,omitempty"`
}

// Limit finds what the platform says of an op that it can't do; nil when it can.
func (s *State) Limit(op runbook.Verb) *Limit {
	for i, l := range s.Limits {
		if l.Op == op {
			return &s.Limits[i]
		}
	}
	return nil
}
