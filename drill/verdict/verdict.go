package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Judge holds every objective that the drill asks for against what was measured, and says how
// the drill went and why; why is "" when it passed. It never says Aborted, which only
// the engine knows. The state must have seen the final check and the ledgers' last audits.
//
// Evidence counts in this order. A drill that was not steady before its first
// step, whose fault was never proved, in which a person did what the plan does not say, or whose
// measurements were disturbed by the machine that made them, is inconclusive whatever else
// happened: it did not test what it says. Then an objective missed, a write altered or a
// fleet that is not steady afterwards fails it. Then whatever was asked for and
// could not be measured, and a step that did not take effect, make it inconclusive.
func Judge(s *drill.State) ([]drill.ObjectiveJudged, drill.Verdict, string) {
	if s.Plan == nil {
		return nil, drill.Inconclusive, ByHand
	}
	judged, failed, unknown := objectives(s)
	for _, c := range s.Checks {
		if n := len(c.Mismatched); n > 0 {
			failed = append(failed, fmt.Sprintf("%s of %s in %s %s other contents than were sent",
				format.Plural(n, "write", "writes"), c.Dataset, c.Region, format.Word(n, "has", "have")))
		}
	}
	after, why := steadiness(s.SteadyAfter, s.Plan.Steady, "after the last step")
	switch {
	case s.SteadyAfter == nil:
		unknown = append(unknown, why)
	case !after:
		failed = append(failed, why)
	}
	untested, undone := missing(s)
	if before, why := steadiness(s.SteadyBefore, s.Plan.Steady, "before the first step"); !before {
		untested = slices.Insert(untested, 0, why)
	}
	untested = append(append(untested, altered(s)...), instrument(s)...)
	unknown = append(unknown, undone...)
	all := strings.Join(slices.Concat(untested, failed, unknown), "; ")
	switch {
	case len(untested) > 0:
		return judged, drill.Inconclusive, all
	case len(failed) > 0:
		return judged, drill.Failed, all
	case len(unknown) > 0:
		return judged, drill.Inconclusive, all
	default:
		return judged, drill.Passed, ""
	}
}

// ByHand is why a drill that follows no plan is inconclusive.
const ByHand = format.NoGoals

func objectives(s *drill.State) (judged []drill.ObjectiveJudged, failed, unknown []string) {
	for _, o := range All {
		for _, goal := range o.Asked(s) {
			j, why := o.judge(goal, o.Measure(s, goal.Dataset))
			judged = append(judged, j)
			switch {
			case j.Met == nil:
				unknown = append(unknown, why)
			case !*j.Met && o.Detail != nil:
				failed = append(failed, o.Detail(s))
			case !*j.Met:
				failed = append(failed, why)
			}
		}
	}
	return judged, failed, unknown
}

func steadiness(m *drill.SteadyMeasured, asked runbook.Steady, when string) (bool, string) {
	switch {
	case m == nil:
		return false, "whether it was steady " + when + " was not measured"
	case len(m.Missing) > 0:
		return false, "not steady " + when + ": " + strings.Join(m.Missing, "; ")
	case len(m.Unmet) > 0 && m.Success >= asked.Success:
		return false, "required " + when + " and not so: " + strings.Join(m.Unmet, "; ")
	case !m.Met:
		return false, fmt.Sprintf("not steady %s: %s of %s succeeded, %s are asked for",
			when, format.ExactPercent(m.Success), format.Plural(m.Requests, "request", "requests"), format.ExactPercent(asked.Success))
	}
	return true, ""
}

// missing lists the plan's steps that did not take effect: those without which nothing was
// tested, and the others.
func missing(s *drill.State) (faults, others []string) {
	for _, o := range measure.Steps(s) {
		if o.Done || o.Step.Expect == runbook.ExpectRefused {
			continue
		}
		why := ""
		if o.Command != nil && o.Command.Error != "" {
			why = ": " + o.Command.Error
		}
		a, _ := action.Find(o.Step.Command.Verb)
		switch words := o.Step.Command.String(); {
		case a.Effect != nil:
			faults = append(faults, words+" was never proved"+why)
		case a.Holds:
			others = append(others, words+" came to nothing"+why)
		case a.Harmless:
			// A remark that got lost changes no verdict.
		default:
			others = append(others, words+" did not take effect"+why)
		}
	}
	return faults, others
}
