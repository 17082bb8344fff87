package rule

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Broken refuses a region that a fault or a cordon holds, with what ends that. Nil where
// none does.
func Broken(s *drill.State, region string) *Refusal {
	r := s.Region(region)
	switch {
	case r == nil: // a journal may name what its fleet has not
		return Refuse("", "there is no region %q", region)
	case r.Fault != nil:
		return Refuse(fmt.Sprintf("%s it first", r.Fault.Effect.Undo), "%s is %s", region, r.Fault.Done).
			Since(r.Fault.Command).By(r.Fault.Effect.Undo)
	case r.Cordoned:
		return Refuse("uncordon it first", "%s is cordoned, nothing runs there", region).
			Since(LastDone(s, runbook.VerbCordon, region)).By(runbook.VerbUncordon)
	}
	return nil
}

// Possible refuses what the platform can't do where it runs. Nil where it can.
func Possible(s *drill.State, v runbook.Verb) *Refusal {
	if l := runbook.LimitOf(s.Limits, v); l != nil {
		return Refuse(l.Next, "%s", l.Why)
	}
	return nil
}

// Away refuses a region that can't be expected to answer, for whatever reason.
func Away(s *drill.State, region string) *Refusal {
	if r := Broken(s, region); r != nil {
		return r
	}
	r := s.Region(region)
	if f := s.StoreFault(region); f != nil {
		return Refuse(fmt.Sprintf("%s it first", f.Effect.Undo), "%s is %s, and the store of %s with it", format.Part(region, f.Part), f.Done, region).
			Since(f.Command).By(f.Effect.Undo)
	}
	if f := s.FaultOn(region); f != nil {
		return Refuse(fmt.Sprintf("%s it first", f.Effect.Undo), "%s is cut off from the controller", region).Since(f.Command).By(f.Effect.Undo)
	}
	if !r.Health.Answers() {
		return Refuse("restore it first", "%s is %s", region, r.Health).By(runbook.VerbRestore)
	}
	return nil
}

// LastDone is the id of the last command of a verb that took effect on a region; 0
// where there is none.
func LastDone(s *drill.State, v runbook.Verb, region string) int {
	for _, c := range slices.Backward(s.Commands) {
		if c.Command.Verb == v && c.Command.Region == region && c.Ended != nil && c.Error == "" {
			return c.ID
		}
	}
	return 0
}
