package impact

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// ahead is what the later steps of a plan do about the harm of a command, counted from it.
type ahead struct {
	undone time.Duration            // the effect is lifted
	moved  map[string]time.Duration // by dataset: a person's step has another region lead it
	freed  map[string]time.Duration // by dataset: its writes need no other replica any more
	scaled []scaling                // web tiers, the latest first
}

// scaling is a later step that gives a region another number of web replicas.
type scaling struct {
	region   string
	replicas int
	at       time.Duration
}

const (
	// defaultUndone is how long a fault is taken to last that no step of a plan lifts.
	defaultUndone = 10 * time.Second
	// afterWait is when a step is taken to come that waits for users to recover, where they don't before it: longer
	// than any resolver keeps an answer in the fleets that ship.
	afterWait = time.Minute
)

// aheadOf reads the plan behind a command's step.
func aheadOf(s *drill.State, c runbook.Command, undo runbook.Verb) ahead {
	a := ahead{undone: defaultUndone, moved: map[string]time.Duration{}, freed: map[string]time.Duration{}}
	i := stepOf(s, c)
	if i < 0 {
		return a
	}
	lifted, waited := false, false
	for _, step := range s.Plan.Steps[i+1:] {
		at := step.At - s.Plan.Steps[i].At
		if waited {
			at = max(at, afterWait)
		}
		first := func(of map[string]time.Duration) {
			if _, earlier := of[step.Command.Dataset]; !earlier {
				of[step.Command.Dataset] = at
			}
		}
		switch next := step.Command; {
		case next.For != "":
			waited = true
		case next.Replicas.Given:
			a.scaled = append([]scaling{{next.Region, next.Replicas.N, at}}, a.scaled...)
		case !lifted && undo != "" && next.Verb == undo && next.TakesBack(s.Fleet, c):
			a.undone, lifted = at, true
		case next.Dataset != "" && next.To != "" && step.Expect == "":
			first(a.moved)
		case next.Dataset != "" && next.Mode == topology.ModeAsync:
			first(a.freed)
		}
	}
	return a
}

// stepOf is the index of the plan's step that a command is, -1 where it is none: the one that has been started, or where
// others of the same moment were started since, or none was, the first that says the same.
func stepOf(s *drill.State, c runbook.Command) int {
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
