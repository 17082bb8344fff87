package verdict

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

var lostWrites = Objective{
	Name: "lost_writes", Label: "writes lost", Unit: Number, One: "write", Many: "writes",
	Help: "acknowledged writes that are not there any more, by id",
	Input: &Input{Count: func(o *drill.Objectives, n int, atLeast bool) {
		if atLeast {
			o.LostAtLeast = &n
		} else {
			o.LostWrites = &n
		}
	}},
	Asked: func(s *drill.State) (Goal, bool) {
		switch o := s.Plan.Objectives; {
		case o.LostAtLeast != nil:
			return Goal{N: float64(*o.LostAtLeast), AtLeast: true}, true
		case o.LostWrites != nil:
			return Goal{N: float64(*o.LostWrites)}, true
		}
		return Goal{}, false
	},
	Measure: func(s *drill.State) Value { return count(measure.Lost(s, "")) },
}
