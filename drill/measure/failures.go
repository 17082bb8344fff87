package measure

import (
	"cmp"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Reason is why requests failed ("shed", "timeout", …), and how many did for it.
type Reason struct {
	Why string
	N   int
}

// Reasons is counts by reason as a list, the most frequent first.
func Reasons(by map[string]int) []Reason {
	var all []Reason
	for why, n := range by {
		if n > 0 {
			all = append(all, Reason{Why: why, N: n})
		}
	}
	slices.SortFunc(all, func(a, b Reason) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Why, b.Why)) })
	return all
}

// Requests is how many requests users sent over a time, and how many of them failed.
type Requests struct {
	Requests, Failed int
	Known            bool // requests were counted
}

// RequestsOf is all populations' requests over the whole drill.
func RequestsOf(s *drill.State) (out Requests) {
	for _, p := range s.Populations {
		if p.Last != nil {
			out.Requests, out.Failed, out.Known = out.Requests+p.Last.TotalRequests, out.Failed+p.Last.TotalFailed, true
		}
	}
	return out
}
