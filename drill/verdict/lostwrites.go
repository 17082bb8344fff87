package verdict

import (
	"maps"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// LostWrites is the objective of that name.
var LostWrites = Objective{
	Name: "lost_writes", Label: "writes lost", Unit: Number, One: "write", Many: "writes",
	Help: "confirmed writes that are not there any more, by id",
	Says: []string{"is lost", "are lost", "lose none", "loses the tail", "loses nothing", "losing", "a write:", "are gone"},
	Input: &Input{PerDataset: true, Count: func(o *runbook.Objectives, dataset string, n int, atLeast bool) {
		switch {
		case dataset != "":
			if o.LostBy == nil {
				o.LostBy = map[string]runbook.LostGoal{}
			}
			o.LostBy[dataset] = runbook.LostGoal{N: n, AtLeast: atLeast}
		case atLeast:
			o.LostAtLeast = &n
		default:
			o.LostWrites = &n
		}
	}},
	Asked: func(s *drill.State) []Goal {
		o := s.Plan.Objectives
		switch {
		case o.LostAtLeast != nil:
			return []Goal{{N: float64(*o.LostAtLeast), AtLeast: true}}
		case o.LostWrites != nil:
			return []Goal{{N: float64(*o.LostWrites)}}
		}
		var goals []Goal
		for _, dataset := range slices.Sorted(maps.Keys(o.LostBy)) {
			g := o.LostBy[dataset]
			goals = append(goals, Goal{N: float64(g.N), AtLeast: g.AtLeast, Dataset: dataset})
		}
		return goals
	},
	Measure: func(s *drill.State, dataset string) Value { return count(measure.Lost(s, dataset)) },
}
