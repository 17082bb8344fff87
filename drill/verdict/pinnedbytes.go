package verdict

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// pinnedBytes has no line of its own in a drill file: a fleet with a pinned dataset promises it.
var pinnedBytes = Objective{
	Name: "pinned_bytes_abroad", Label: "pinned data abroad", Unit: Bytes,
	Help: "bytes of pinned datasets that left their jurisdiction",
	Asked: func(s *drill.State) (Goal, bool) {
		for _, d := range s.Fleet.Datasets {
			if d.Mode == drill.ModePinned {
				return Goal{}, true
			}
		}
		return Goal{}, false
	},
	Measure: func(s *drill.State) Value { return count(measure.PinnedAbroad(s)) },
}
