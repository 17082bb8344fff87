// Package show has the signs and words that several panes use for one thing: the
// health of a region, a cut, the slowest of a few requests.
package show

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/condition"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// HealthSign is the glyph, the word and the style of a region's health.
func HealthSign(h drill.Health, g style.Glyphs) (glyph, word string, st style.Style) {
	word = condition.Health(h)
	switch h {
	case drill.HealthHealthy:
		return g.Healthy, word, style.FineBold
	case drill.HealthDegraded:
		return g.Degraded, word, style.CautBold
	case drill.HealthCordoned, drill.HealthNoWeb:
		return g.Cordoned, word, style.CautBold
	case drill.HealthFrozen:
		return g.Frozen, word, style.Frozen
	case drill.HealthDown:
		return g.Down, word, style.DangerBold
	case drill.HealthStarting:
		return g.Starting, word, style.Label
	}
	return g.Unknown, word, style.Label
}

// Cause is the word of what was done to a region.
func Cause(s *drill.State, r *drill.RegionState) string {
	switch {
	case r.Fault != nil && !r.Fault.Effect.Still: // a frozen region's health says it
		return r.Fault.Done
	case r.Health != drill.HealthDown && condition.CutOff(s, r.Spec.Name) != nil:
		return "cut off" // of one that is down its standing says it
	}
	return ""
}

// PartitionsOf is every partition that holds and has the region for an end.
func PartitionsOf(s *drill.State, region string) (open []*drill.Fault) {
	for _, f := range s.Partitions() {
		if slices.Contains(f.Between, region) {
			open = append(open, f)
		}
	}
	return open
}

// CutText is what a partition does to one of its ends.
func CutText(f *drill.Fault, region string) string {
	other := f.Between[0]
	if other == region {
		other = f.Between[1]
	}
	switch other {
	case topology.EndOthers:
		other = "all others"
	case topology.EndControl:
		other = "the controller"
	}
	switch {
	case !f.OneWay:
		return "cut off from " + other
	case f.Between[0] == region:
		return "nothing gets from it to " + other
	}
	return "nothing gets to it from " + other
}

// Standing is how a region is, by a sign and words that go from the longest to the shortest.
type Standing struct {
	Sign  string
	Words []string
	Style style.Style
}

// StandingOf is how a region is (condition.Of), with its sign.
func StandingOf(s *drill.State, r *drill.RegionState, g style.Glyphs) Standing {
	is := condition.Of(s, r)
	sign, _, st := HealthSign(r.Health, g)
	if is.Cut {
		sign = g.Cut
	}
	if is.Caution {
		st = style.CautBold
	}
	return Standing{sign, is.Words, st}
}

// NotKept says that a region keeps no replica of a dataset, and by which rule; "" where
// it keeps one.
func NotKept(s *drill.State, d *drill.DatasetState, region string) string {
	kept, law := measure.Kept(s, d, region)
	switch {
	case kept:
		return ""
	case law != nil:
		return d.Name + " is not kept here: " + law.Error()
	}
	return d.Name + " is not kept here"
}
