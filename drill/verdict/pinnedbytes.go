package verdict

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure/cost"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// pinnedBytes has no line of its own in a drill file: a fleet with a pinned dataset promises it.
var pinnedBytes = Objective{
	Name: "pinned_bytes_abroad", Label: "pinned data abroad", Unit: Bytes,
	Help: "bytes of pinned datasets that left their jurisdiction",
	Says: []string{"crosses", "leaves its jurisdiction", "nowhere else"},
	Asked: func(s *drill.State) []Goal {
		for _, d := range s.Fleet.Datasets {
			if d.Mode == topology.ModePinned {
				return []Goal{{}}
			}
		}
		return nil
	},
	Measure: func(s *drill.State, _ string) Value { return count(cost.PinnedAbroad(s)) },
}
