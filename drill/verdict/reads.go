package verdict

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure/consistency"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var staleReads = Objective{
	Name: "stale_reads", Label: "stale reads", Unit: Share,
	Help: "reads that lacked a write which had been confirmed before they were sent, of those that looked for one",
	Says: []string{"stale", "reads nearby", "read nearby"},
	Input: &Input{
		Share: func(o *runbook.Objectives, share float64) { o.StaleReads = &share },
	},
	Asked:   func(s *drill.State) []Goal { return share(s.Plan.Objectives.StaleReads, false) },
	Measure: func(s *drill.State, _ string) Value { return portion(consistency.StaleReads(s, "")) },
}

var ownReads = Objective{
	Name: "own_reads", Label: "own writes read", Unit: Share,
	Help: "reads in which a user found what they had written just before, of those that looked for it",
	Says: []string{"their own", "own writes"},
	Input: &Input{
		Share: func(o *runbook.Objectives, share float64) { o.OwnReads = &share },
		Lacks: func(f topology.Fleet) string {
			if slices.ContainsFunc(f.Users, func(p topology.Population) bool { return p.ReadOwn > 0 }) {
				return ""
			}
			return "nobody of " + f.Name + " looks at what they have written; leave it out, or give a population read_own: 30% in the fleet file"
		},
	},
	Asked:   func(s *drill.State) []Goal { return share(s.Plan.Objectives.OwnReads, true) },
	Measure: func(s *drill.State, _ string) Value { return portion(consistency.OwnReads(s, "")) },
}

func share(n *float64, atLeast bool) []Goal {
	if n == nil {
		return nil
	}
	return []Goal{{N: *n, AtLeast: atLeast}}
}

func portion(p consistency.Portion) Value { return Value{N: p.Share(), Known: p.Known()} }
