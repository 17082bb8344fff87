package verdict

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure/retry"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

var retries = Objective{
	Name: "retries", Label: "retries", Unit: Number, One: "retry", Many: "retries",
	Help: "how often clients sent a failed request again",
	Says: []string{"again and again", "retry storm", "retries"},
	Input: &Input{
		Count: func(o *runbook.Objectives, _ string, n int, atLeast bool) {
			o.Retries = &runbook.CountGoal{N: n, AtLeast: atLeast}
		},
	},
	Asked: func(s *drill.State) []Goal {
		if g := s.Plan.Objectives.Retries; g != nil {
			return []Goal{{N: float64(g.N), AtLeast: g.AtLeast}}
		}
		return nil
	},
	Measure: func(s *drill.State, _ string) Value {
		a := retry.AttemptsEver(s)
		return Value{N: float64(a.Retries), Known: a.Requests > 0}
	},
}
