package show

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
)

// PlaceOf is where a region is, and under which law.
func PlaceOf(r topology.Region) string {
	if r.Place != "" && r.Jurisdiction != "" {
		return r.Place + ", " + r.Jurisdiction
	}
	return r.Place + r.Jurisdiction
}

// NameWidth is the columns that the longest name of a region or a population takes, at least eight
// and at most so many.
func NameWidth(s *drill.State, most int) int {
	w := 8
	for _, r := range s.Regions {
		w = max(w, canvas.Width(r.Spec.Name))
	}
	for _, p := range s.Populations {
		w = max(w, canvas.Width(p.Spec.Name))
	}
	return min(w, max(most, 8))
}
