package gitops

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Mended is the longest time from a change by hand until it was put right, over all regions: a lower bound where one is not put right.
// It is not known where nobody was seen to change anything by hand.
func Mended(s *drill.State) (longest measure.Span) {
	if s.Config == nil {
		return longest
	}
	for _, d := range s.Config.Drifts {
		if d.Made != nil {
			longest = longerOf(longest, until(s, *d.Made, d.Mended))
		}
	}
	return longest
}

// Reached is the longest time that a region waited for a commit that came after the fleet's first one, over all that regions could be
// given: a lower bound where a region waits for the newest one. A region that was given a later commit in place of one waited until then.
func Reached(s *drill.State) (longest measure.Span) {
	if s.Config == nil || len(s.Config.Commits) < 2 {
		return longest
	}
	commits := s.Config.Commits[1:]
	for i, c := range commits {
		if c.Bad != "" {
			continue
		}
		for _, region := range governed(s) {
			var had *time.Duration
			for _, same := range commits[i:] {
				if at, has := same.Applied[region.Name]; has && (had == nil || at < *had) {
					had = &at
				}
			}
			longest = longerOf(longest, until(s, c.At, had))
		}
	}
	return longest
}

// until is how long something took that began at a time; as long as it has lasted where it is not over.
func until(s *drill.State, began time.Duration, over *time.Duration) measure.Span {
	if over == nil {
		return measure.SoFar(s, began)
	}
	return measure.Span{D: max(0, *over-began), Known: true}
}

// longerOf is the longest of several: a lower bound where one of them is.
func longerOf(a, b measure.Span) measure.Span {
	return measure.Span{D: max(a.D, b.D), Known: true, AtLeast: a.AtLeast || b.AtLeast}
}
