// Package ahead reads what the later steps of a plan do about the harm of a command: a prediction counts until then.
package ahead

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Steps is what the later steps of a plan do about the harm of a command, counted from it.
type Steps struct {
	Undone time.Duration            // the effect is lifted
	Lifts  bool                     // a step of the plan does that
	Moved  map[string]time.Duration // by dataset: a person's step has another region lead it
	Freed  map[string]time.Duration // by dataset: its writes need no other replica any more
	Scaled []Scaling                // web tiers, the latest first
}

// Scaling is a later step that gives a region another number of web replicas.
type Scaling struct {
	Region   string
	Replicas int
	At       time.Duration
}

// webStarts is how long a web tier takes to be scaled up, where none was before in this drill: a process that starts.
const webStarts = 250 * time.Millisecond

// ScaleUp is how long a web tier is expected to take until it has more replicas: as long as the last that got some. One that gets fewer
// waits for none to start.
func ScaleUp(s *drill.State) time.Duration {
	for _, before := range slices.Backward(s.Scaled) {
		if before.Replicas > before.Was && before.Took > 0 {
			return before.Took
		}
	}
	return webStarts
}

const (
	// DefaultUndone is how long a fault is taken to last that no step of a plan lifts.
	DefaultUndone = 10 * time.Second
	// AfterWait is when a step is taken to come that waits for users to recover, where they don't before it: longer
	// than any resolver keeps an answer in the fleets that ship.
	AfterWait = time.Minute
)

// Of reads the plan behind a command's step.
func Of(s *drill.State, c runbook.Command, undo runbook.Verb) Steps {
	a := Steps{Undone: DefaultUndone, Moved: map[string]time.Duration{}, Freed: map[string]time.Duration{}}
	i := StepOf(s, c)
	if i < 0 {
		return a
	}
	waited, late := false, time.Duration(0)
	for _, step := range s.Plan.Steps[i+1:] {
		at := step.At - s.Plan.Steps[i].At + late
		if waited {
			at = max(at, AfterWait)
		}
		first := func(of map[string]time.Duration) {
			if _, earlier := of[step.Command.Dataset]; !earlier {
				of[step.Command.Dataset] = at
			}
		}
		switch next := step.Command; {
		case next.For == runbook.WaitCaughtUp: // regions are waited for, whether users recover or not
			late += runbook.WaitTakes
		case next.For != "":
			waited = true
		case next.Replicas.Given:
			a.Scaled = append([]Scaling{{next.Region, next.Replicas.N, at}}, a.Scaled...)
		case !a.Lifts && undo != "" && next.Verb == undo && next.TakesBack(s.Fleet, c):
			a.Undone, a.Lifts = at, true
		case next.Dataset != "" && next.To != "" && step.Expect == "":
			first(a.Moved)
		case next.Dataset != "" && next.Mode == topology.ModeAsync:
			first(a.Freed)
		}
	}
	return a
}

// StepOf is the index of the plan's step that a command is, -1 where it is none: the one that has been started, or where
// others of the same moment were started since, or none was, the first that says the same.
func StepOf(s *drill.State, c runbook.Command) int {
	if s.Plan == nil {
		return -1
	}
	is := func(step runbook.Step) bool {
		same := step.Command
		same.By = c.By
		return same == c
	}
	if i := s.Step; i >= 0 && i < len(s.Plan.Steps) && is(s.Plan.Steps[i]) {
		return i
	}
	return slices.IndexFunc(s.Plan.Steps, is)
}
