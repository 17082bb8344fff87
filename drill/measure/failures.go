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

// Share is which part of them failed, from 0 to 1; it means nothing where there were none.
func (r Requests) Share() float64 { return float64(r.Failed) / float64(max(r.Requests, 1)) }

// RequestsOf is all populations' requests over the whole drill.
func RequestsOf(s *drill.State) (out Requests) {
	for _, p := range s.Populations {
		if p.Last != nil {
			out.Requests, out.Failed, out.Known = out.Requests+p.Last.TotalRequests, out.Failed+p.Last.TotalFailed, true
		}
	}
	return out
}

// Forbidden is why a request failed that no role of its region allows: an answer of 403.
const Forbidden = "forbidden"

// FailedFor is how many requests of all populations failed for a reason over the whole drill; false before any were counted.
func FailedFor(s *drill.State, why string) (n int, known bool) {
	for _, p := range s.Populations {
		n, known = n+p.Failures[why], known || p.Last != nil
	}
	return n, known
}
