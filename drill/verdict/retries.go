package verdict

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var retries = Objective{
	Name: "retries", Label: "retries", Unit: Number, One: "retry", Many: "retries",
	Help: "how often clients sent a failed request again",
	Says: []string{"again and again", "retry storm", "retries"},
	Input: &Input{
		Count: func(o *runbook.Objectives, _ string, n int, atLeast bool) {
			o.Retries = &runbook.RetriesGoal{N: n, AtLeast: atLeast}
		},
		Lacks: func(f topology.Fleet) string {
			if slices.ContainsFunc(f.Users, func(u topology.Population) bool { return u.Retries.Most > 0 }) {
				return ""
			}
			return "no users of " + f.Name + " retry; leave it out, or write retries: {most: 3} to users in the fleet file"
		},
	},
	Asked: func(s *drill.State) []Goal {
		if g := s.Plan.Objectives.Retries; g != nil {
			return []Goal{{N: float64(g.N), AtLeast: g.AtLeast}}
		}
		return nil
	},
	Measure: func(s *drill.State, _ string) Value {
		a := measure.AttemptsEver(s)
		return Value{N: float64(a.Retries), Known: a.Requests > 0}
	},
}
