package pane

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// healthSign is the glyph, the word and the style of a region's health.
func healthSign(h drill.Health, g theme.Glyphs) (glyph, word string, st theme.Style) {
	switch h {
	case drill.HealthHealthy:
		return g.Healthy, "healthy", theme.FineBold
	case drill.HealthDegraded:
		return g.Degraded, "degraded", theme.CautBold
	case drill.HealthCordoned:
		return g.Cordoned, "cordoned", theme.CautBold
	case drill.HealthFrozen:
		return g.Frozen, "frozen", theme.Frozen
	case drill.HealthDown:
		return g.Down, "down", theme.HarmBold
	case drill.HealthStarting:
		return g.Starting, "starting", theme.Label
	}
	return g.Unknown, unknown, theme.Label
}

// cause is the word of what was done to a region.
func cause(s *drill.State, r *drill.RegionState) string {
	switch {
	case r.Fault != nil && r.Fault.Fault == drill.FaultKill:
		return "killed"
	case r.Fault == nil && CutOff(s, r.Spec.Name) != nil:
		return cutOffWords
	}
	return ""
}

const cutOffWords = "cut off"

// CutOff is the partition that keeps the controller from a region; nil when there
// is none. A cut between two regions is not one: both are still reached.
func CutOff(s *drill.State, region string) *drill.Fault {
	for _, f := range partitionsOf(s, region) {
		if slices.Contains(f.Between, drill.EndOthers) || slices.Contains(f.Between, drill.EndControl) {
			return f
		}
	}
	return nil
}

// partitionsOf is every partition that holds and has the region for an end.
func partitionsOf(s *drill.State, region string) (open []*drill.Fault) {
	for _, f := range s.Partitions() {
		if slices.Contains(f.Between, region) {
			open = append(open, f)
		}
	}
	return open
}

// cutRegion is the first end of a partition that is a region.
func cutRegion(f *drill.Fault) string {
	for _, end := range f.Between {
		if end != drill.EndOthers && end != drill.EndControl {
			return end
		}
	}
	return ""
}

// cutText is what a partition does to one of its ends.
func cutText(f *drill.Fault, region string) string {
	other := f.Between[0]
	if other == region {
		other = f.Between[1]
	}
	switch other {
	case drill.EndOthers:
		other = "all others"
	case drill.EndControl:
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

// healthWord is a region's health where there is no room for its cause beside it.
func healthWord(s *drill.State, r *drill.RegionState) string {
	if r.Health == drill.HealthDown && r.Fault == nil && CutOff(s, r.Spec.Name) != nil {
		return cutOffWords
	}
	return string(r.Health)
}
