package verdict

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

var forbidden = Objective{
	Name: "forbidden", Label: "refused for want of a role", Unit: Number, One: "request", Many: "requests",
	Help: "how many of users' requests a region refused, since no role there allows them (403)",
	Says: []string{"403", "want of a role", "forbidden"},
	Input: &Input{
		Count: func(o *runbook.Objectives, _ string, n int, atLeast bool) {
			o.Forbidden = &runbook.CountGoal{N: n, AtLeast: atLeast}
		},
	},
	Asked: func(s *drill.State) []Goal {
		if g := s.Plan.Objectives.Forbidden; g != nil {
			return []Goal{{N: float64(g.N), AtLeast: g.AtLeast}}
		}
		return nil
	},
	Measure: func(s *drill.State, _ string) Value {
		n, known := gitops.Forbidden(s)
		return Value{N: float64(n), Known: known}
	},
}
