package estimate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Wait is something that is waited for, or was.
type Wait struct {
	// What it is, alike for all that take about as long: "start: create cluster", "restore".
	What  string
	Began time.Duration
	Ended *time.Duration // nil while it goes on
	// Failed says that it came to nothing, so that its time says nothing either.
	Failed bool
	Model  time.Duration // what the platform's model expects; 0 for none
}

// Ran is how long a wait has taken by a time, or took.
func (w Wait) Ran(now time.Duration) time.Duration {
	if w.Ended != nil {
		now = *w.Ended
	}
	return max(now-w.Began, 0)
}

// Waits is all that was waited for in a drill, and is: the fleet's coming up, each stage of each region, commands,
// and the checks before and after. A replica that catches up has an estimate of its own, by the bytes
// that it lacks: measure.CopyProgress.
func Waits(s *drill.State) []Wait {
	var all []Wait
	if s.Phase != "" {
		up := BringUp(s)
		up.Failed = up.Ended == nil && s.Phase != drill.PhaseBringUp // it was broken off
		all = append(all, up)
	}
	for _, span := range s.Spans {
		all = append(all, OfStage(s, span))
	}
	for _, c := range s.Commands {
		if w, is := OfCommand(s, c); is {
			all = append(all, w)
		}
	}
	return append(all, checks(s)...)
}

// bringUp is what the coming up of the whole fleet is called.
const bringUp = "bring-up"

// BringUp is the coming up of the whole fleet.
func BringUp(s *drill.State) Wait { return Wait{What: bringUp, Ended: isUp(s)} }

// isUp is when the fleet was up; nil before. A drill by hand may have had no steady check.
func isUp(s *drill.State) *time.Duration {
	if s.SteadyBegan != nil {
		return s.SteadyBegan
	}
	for _, e := range s.Timeline {
		if p, is := e.Body.(drill.PhaseEntered); is && p.Phase == drill.PhaseRunning {
			return &e.T
		}
	}
	return nil
}

// start is before the name of a stage by which a fleet comes up. A region that is restored has some of the
// same stages, which are quicker then.
const start = "start: "

func isStart(what string) bool { return strings.HasPrefix(what, start) }

// OfStage is the wait for a stage.
func OfStage(s *drill.State, span drill.StageSpan) Wait {
	w := Wait{What: "restart: " + span.Stage, Began: span.Began, Ended: span.Ended, Failed: span.Failed, Model: span.Expected}
	up := isUp(s)
	switch over, is := ended(s); {
	case is && span.Began >= over:
		w.What = "stop: " + span.Stage
	case up == nil || span.Began < *up:
		w.What = start + span.Stage
	}
	return w
}

// OfCommand is the wait for a command; false for one that nobody waits for, or that waits for
// another.
func OfCommand(s *drill.State, c *drill.CommandState) (Wait, bool) {
	if c.Command.Text != "" || c.After != 0 { // a note, or a write
		return Wait{}, false
	}
	what := string(c.Command.Verb)
	if c.Command.Dataset != "" {
		what += " of " + c.Command.Dataset
	}
	if c.Command.For != "" { // how long that takes depends on what was done before
		if what += " for " + c.Command.For; c.Step == nil || s.Plan == nil {
			return Wait{}, false
		}
		what = fmt.Sprintf("%s, step %d: %s", s.Plan.Name, *c.Step+1, what)
	}
	return Wait{What: what, Began: c.Began, Ended: c.Ended, Failed: c.Error != ""}, true
}

// checks is the steady checks before the first step and after the last. They last as long as the plan says at the
// least, and longer where the fleet has to settle.
func checks(s *drill.State) (list []Wait) {
	if w, is := WarmUp(s); is {
		list = append(list, w)
	}
	if w, is := LastCheck(s); is {
		list = append(list, w)
	}
	return list
}

// LastCheck is the check after the last step, the reading of every replica's data with it; false where it has not begun.
func LastCheck(s *drill.State) (Wait, bool) {
	if s.Phase != drill.PhaseFinal && s.Verdict == "" || s.Plan == nil {
		return Wait{}, false
	}
	for _, e := range slices.Backward(s.Timeline) {
		if p, is := e.Body.(drill.PhaseEntered); is && p.Phase == drill.PhaseFinal {
			w := Wait{What: named(s, "last check"), Began: e.T}
			if over, is := ended(s); is {
				w.Ended = &over
			}
			return w, true
		}
	}
	return Wait{}, false
}

// WarmUp is the steady check before the first step; false where it has not begun.
func WarmUp(s *drill.State) (Wait, bool) {
	if s.SteadyBegan == nil {
		return Wait{}, false
	}
	return Wait{What: named(s, "warm-up"), Began: *s.SteadyBegan, Ended: s.SteadyEnd, Failed: s.SteadyEnd == nil && s.Verdict != ""}, true
}

// named puts the plan's name before what each plan says how long it takes.
func named(s *drill.State, what string) string {
	if s.Plan == nil {
		return "free drill: " + what
	}
	return s.Plan.Name + ": " + what
}

// ended is when a drill got its verdict; false while it has none.
func ended(s *drill.State) (time.Duration, bool) {
	if s.Verdict == "" {
		return 0, false
	}
	for _, e := range slices.Backward(s.Timeline) {
		if _, is := e.Body.(drill.DrillEnded); is {
			return e.T, true
		}
	}
	return 0, false
}
