package verdict

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

var moved = Objective{
	Name: "moved", Label: "users moved", Unit: Number, One: "time", Many: "times",
	Help: "how often the router sent users elsewhere, of the population that it sent most often",
	Says: []string{"moved", "moves users", "users stay", "to and fro"},
	Input: &Input{
		Count: func(o *runbook.Objectives, _ string, n int, atLeast bool) {
			o.Moved = &runbook.MovedGoal{N: n, AtLeast: atLeast}
		},
	},
	Asked: func(s *drill.State) []Goal {
		if g := s.Plan.Objectives.Moved; g != nil {
			return []Goal{{N: float64(g.N), AtLeast: g.AtLeast}}
		}
		return nil
	},
	Measure: func(s *drill.State, _ string) Value {
		n, known := measure.MovedMost(s)
		return Value{N: float64(n), Known: known}
	},
}
