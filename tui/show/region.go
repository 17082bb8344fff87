package show

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
)

// WebText is the web tier as the region's own control plane has it; what that was before a region
// stopped answering is not what is, and without its API server nobody knows it.
func WebText(r *drill.RegionState) string {
	switch {
	case r.Seen == nil:
		return format.Unknown
	case r.Health == drill.HealthDown || r.Health == drill.HealthFrozen:
		return fmt.Sprintf("%s of %d", format.None, r.Seen.WebWanted)
	case r.NoAPI():
		return format.Unknown
	}
	return fmt.Sprintf("%d of %d", r.Seen.WebReady, r.Seen.WebWanted)
}

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
