package format

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// FreeDrill is how a drill without a plan ends.
const FreeDrill = "free drill"

// NoGoals is why a free drill is not judged.
const NoGoals = "no goals were set, so no verdict"

// noGoalsBefore is what journals of before have for it.
const noGoalsBefore = "drilled by hand, against no objectives"

// Outcome is a verdict as people read it, and why. A drill by hand that was not judged is a free drill:
// nothing about it was inconclusive.
func Outcome(s *drill.State) (word, why string) {
	return OutcomeOf(s.Plan == nil, s.Verdict, s.Why)
}

// OutcomeOf is Outcome of a drill of which no more is known than that it was by hand, its verdict and why.
func OutcomeOf(byHand bool, verdict drill.Verdict, why string) (string, string) {
	switch {
	case byHand && verdict == drill.Inconclusive && (why == NoGoals || why == noGoalsBefore):
		return FreeDrill, NoGoals
	case verdict == "":
		return "not judged", why
	}
	return string(verdict), why
}

// Unasked warns of a drill that has no goals and of which most requests failed, since nothing else
// in its verdict says so; "" where there is nothing to warn of.
func Unasked(s *drill.State) string {
	r := measure.RequestsOf(s)
	if len(s.Objectives) > 0 || !r.Known || 2*r.Failed <= r.Requests {
		return ""
	}
	return fmt.Sprintf("most requests failed (%s of %s), and no goal asked about them", Count(r.Failed), Count(r.Requests))
}
