package pane

import (
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
func cause(r *drill.RegionState) string {
	switch {
	case r.Fault == nil:
		return ""
	case r.Fault.Fault == drill.FaultKill:
		return "killed"
	}
	return ""
}
