package impact

import (
	"slices"
	"time"
)

// lasting is for how long requests must have succeeded: as long as anybody waits for an answer, and a window.
func lasting(e *exposure) time.Duration {
	longest := time.Duration(0)
	for _, p := range e.s.Populations {
		longest = max(longest, p.Spec.Timeout)
	}
	return longest + window
}

// judgedDown is when the router has called down what its probes fail of: before that no good window says that an outage is over.
func judgedDown(e *exposure) time.Duration {
	if !slices.ContainsFunc(e.s.Fleet.RegionNames(), func(r string) bool { return slices.Contains(e.e.Stops, r) || e.e.StopsWeb(r) }) {
		return 0
	}
	if e.unled {
		return e.Undone
	}
	return min(e.detected, e.Undone)
}
