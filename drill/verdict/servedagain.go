package verdict

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// ServedAgain is the objective of that name.
var ServedAgain = Objective{
	Name: "served_again", Label: "served again", Unit: Seconds,
	Help: "the longest that requests of a population failed after a fault, until all of them were answered again",
	Says: []string{"served again", "is elsewhere", "how soon"},
	Input: &Input{
		Duration: func(o *runbook.Objectives, d time.Duration) { o.ServedAgain = &d }, Min: time.Millisecond,
		Needs: NeedsFault,
	},
	Asked:   func(s *drill.State) []Goal { return seconds(s.Plan.Objectives.ServedAgain) },
	Measure: func(s *drill.State, _ string) Value { return span(measure.ServedAgainLast(s, "")) },
}
