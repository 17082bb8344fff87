package gitops

import "github.com/fleetdrill/fleetdrill/drill"

// forbidden is why a request failed that no role of its region allows: an answer of 403.
const forbidden = "forbidden"

// Forbidden is how many requests of all populations failed over the whole drill since no role of a region allows them; false before
// any were counted.
func Forbidden(s *drill.State) (n int, known bool) {
	for _, p := range s.Populations {
		n, known = n+p.Failures[forbidden], known || p.Last != nil
	}
	return n, known
}
