package verdict

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// RTO is the objective of that name.
var RTO = Objective{
	Name: "rto", Label: "RTO", Unit: Seconds,
	Help: "the longest that a dataset took no writes while its leader changed",
	Says: []string{" leads", " leader", "serve again", "is back", "fail over", "fails over", "takes the lead", "promoted", " wait until"},
	Input: &Input{
		Duration: func(o *runbook.Objectives, d time.Duration) { o.RTO = &d }, Min: time.Millisecond,
		Needs: NeedsMove,
	},
	Asked:   func(s *drill.State) []Goal { return seconds(s.Plan.Objectives.RTO) },
	Measure: func(s *drill.State, _ string) Value { return span(measure.RTO(s, "")) },
}

// RTOGoal is how long a dataset may take no writes while its authority moves; 0 where a drill asks for nothing.
func RTOGoal(s *drill.State) time.Duration {
	if s.Plan == nil || s.Plan.Objectives.RTO == nil {
		return 0
	}
	return *s.Plan.Objectives.RTO
}

// KeepsRTO reports whether a move that took so long keeps what the drill asks for, as Judge has it.
func KeepsRTO(s *drill.State, took time.Duration) bool {
	goal := RTOGoal(s)
	if goal == 0 {
		return true
	}
	j, _ := RTO.judge(Goal{N: goal.Seconds()}, Value{N: took.Seconds(), Known: true})
	return *j.Met
}

func seconds(d *time.Duration) []Goal {
	if d == nil {
		return nil
	}
	return []Goal{{N: d.Seconds()}}
}

func span(d measure.Span) Value { return Value{N: d.D.Seconds(), Known: d.Known, Bound: d.AtLeast} }

func count(c measure.Count) Value { return Value{N: float64(c.N), Known: c.Known, Bound: c.AtLeast} }
