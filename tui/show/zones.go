package show

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Zone is how a zone of a region is, by a sign and a word.
type Zone struct {
	Name, Sign, Word string
	Style            style.Style
}

// ZonesOf is how the zones of a region are, in their order; nil for a region without any. A fault that was proved is
// believed before what the region's platform sees, and of a region that does not answer nothing is known.
func ZonesOf(r *drill.RegionState, g style.Glyphs) (all []Zone) {
	for _, name := range r.Spec.ZoneNames() {
		z := Zone{name, g.Unknown, format.Unknown, style.Label}
		i := slices.IndexFunc(r.Parts, func(f *drill.Fault) bool { return f.Part == name })
		switch {
		case i >= 0 && r.Parts[i].Effect.Still:
			z = Zone{name, g.Frozen, r.Parts[i].Done, style.Frozen}
		case i >= 0:
			z = Zone{name, g.Down, r.Parts[i].Done, style.DangerBold}
		case r.Fault != nil || r.Seen == nil:
		case slices.ContainsFunc(r.Seen.Zones, func(t telemetry.Zone) bool { return t.Name == name && t.Ready }):
			z = Zone{name, g.Healthy, "up", style.Fine}
		case slices.ContainsFunc(r.Seen.Zones, func(t telemetry.Zone) bool { return t.Name == name }):
			z = Zone{name, g.Degraded, "not ready", style.Caution}
		}
		all = append(all, z)
	}
	return all
}

// DrawZones draws the signs of zones from a column on and returns the column after them.
func DrawZones(a canvas.Area, x, y int, zones []Zone) int {
	for _, z := range zones {
		x = a.Text(x, y, z.Style, z.Sign)
	}
	return x
}
