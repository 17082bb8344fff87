package verdict

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

var rpo = Objective{
	Name: "rpo", Label: "RPO", Unit: Seconds,
	Help:    "the longest span of confirmed writes that a failover lost",
	Says:    []string{"second of ", "seconds of "},
	Input:   &Input{Duration: func(o *runbook.Objectives, d time.Duration) { o.RPO = &d }},
	Asked:   func(s *drill.State) []Goal { return seconds(s.Plan.Objectives.RPO) },
	Measure: func(s *drill.State, _ string) Value { return span(measure.RPO(s, "")) },
}
