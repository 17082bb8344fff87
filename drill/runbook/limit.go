package runbook

// Limit is an op that a platform can't do: why, and what to do instead ("" where there is
// nothing).
type Limit struct {
	Op   Verb   `json:"op"`
	Why  string `json:"why"`
	Next string `json:"next,omitempty"`
}

// LimitOf finds what a platform says of an op that it can't do; nil when it can.
func LimitOf(limits []Limit, op Verb) *Limit {
	for i, l := range limits {
		if l.Op == op {
			return &limits[i]
		}
	}
	return nil
}
