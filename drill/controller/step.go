package controller

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/splitbrain"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Kind says what a step does.
type Kind string

// The kinds of steps. Those of the second group take no time: their results come
// before anything else is heard.
const (
	StepStatus  Kind = "status"  // ask Region for its replica's status
	StepFence   Kind = "fence"   // stop writes below Epoch
	StepPromote Kind = "promote" // make it the authority of Epoch
	StepGrant   Kind = "grant"   // lease until Lease after Clock
	StepFollow  Kind = "follow"  // copy from Authority in Epoch
	StepPreload Kind = "preload" // fill a new replica; Lead is the first authority's
	StepReseed  Kind = "reseed"  // drop everything, copy anew
	StepPush    Kind = "push"    // hand Region the topology of now; "" is every region, and has no result
	StepAudit   Kind = "audit"   // hold the ledger against Region
	StepFetch   Kind = "fetch"   // bring Region's diverged tail to the operator's disk

	StepPlace   Kind = "place"   // who leads what, for the next topologies
	StepNumber  Kind = "number"  // the number of a failover or, with Move, of a switchover
	StepTails   Kind = "tails"   // what the ledger has of Terms
	StepEmit    Kind = "emit"    // an event
	StepAnswer  Kind = "answer"  // Command's outcome
	StepFlushed Kind = "flushed" // Command was a flush
)

// Step is one thing to do. One with an ID has a result: Done with the same step.
type Step struct {
	ID     uint64
	Kind   Kind
	Region string
	Epoch  uint64
	// Limit bounds it, 0 is no bound. It also ends once its region, or Beside, goes down.
	Limit  time.Duration
	Beside string

	Authority string
	Clock     store.Clock
	Lease     time.Duration
	Lead      bool
	Dataset   drill.Dataset // StepPlace
	Terms     []splitbrain.Term
	Occasion  Occasion
	Body      drill.Body
	Command   uint64
	Outcome   Outcome
}

// Occasion is what a check of the ledger is made for.
type Occasion struct {
	Why            string
	Failover, Move int // numbers, 0 is none
}

// decision is one call of Decide while it runs.
type decision struct {
	now   time.Duration
	m     Memory
	steps []Step
}

// ask asks for a step whose result is waited for, and returns its number.
func (d *decision) ask(s Step) uint64 {
	d.m.steps++
	s.ID = d.m.steps
	d.steps = append(d.steps, s)
	return s.ID
}

// do asks for a step whose result nobody waits for.
func (d *decision) do(s Step) { d.steps = append(d.steps, s) }

func (d *decision) emit(b drill.Body) { d.do(Step{Kind: StepEmit, Body: b}) }

func (d *decision) answer(command uint64, o Outcome) {
	if command != 0 {
		d.do(Step{Kind: StepAnswer, Command: command, Outcome: o})
	}
}

// name is the dataset's.
func (d *decision) name() string { return d.m.rules.Dataset.Name }

// nextEpoch is one that nobody has been told of. An epoch that came to nothing is not
// used again: the request that told it may lie before a frozen process, and be taken
// by it later.
func (d *decision) nextEpoch() uint64 {
	if d.m.rules.breach.freshEpoch && d.m.used > d.m.epoch {
		return d.m.used
	}
	d.m.used = max(d.m.used, d.m.epoch) + 1
	return d.m.used
}

// call is one region's part of a question put to several.
type call struct {
	id     uint64
	region string
	over   bool
	err    error
	status store.Status
}

// round is a question put to several regions at once.
type round []call

// askAll asks regions the same.
func (d *decision) askAll(regions []string, s Step) round {
	var r round
	for _, region := range regions {
		s.Region = region
		r = append(r, call{id: d.ask(s), region: region})
	}
	return r
}

// with takes a result in; false where it is of another round.
func (r round) with(o Done) (round, bool) {
	for i, c := range r {
		if c.id == o.Step.ID && !c.over {
			out := append(round(nil), r...)
			out[i].over, out[i].err, out[i].status = true, o.Err, o.Status
			return out, true
		}
	}
	return r, false
}

// without gives up what a region was asked; false where it owes no answer.
func (r round) without(region string, why error) (round, bool) {
	for _, c := range r {
		if c.region == region && !c.over {
			return r.with(Done{Step: Step{ID: c.id}, Err: why})
		}
	}
	return r, false
}

func (r round) over() bool {
	for _, c := range r {
		if !c.over {
			return false
		}
	}
	return true
}

// answers are those that came, by region; silent is whether any did not.
func (r round) answers() (answers map[string]store.Status, silent bool) {
	answers = map[string]store.Status{}
	for _, c := range r {
		if c.over && c.err == nil {
			answers[c.region] = c.status
		} else {
			silent = true
		}
	}
	return answers, silent
}

// failure is the first error among the answers, with its region; nil where there is none.
func (r round) failure() error {
	for _, c := range r {
		if c.over && c.err != nil {
			return fmt.Errorf("%s: %w", c.region, c.err)
		}
	}
	return nil
}

// added is a list with one more, which shares no room with the list of before.
func added[T any](list []T, x T) []T { return append(slices.Clip(list), x) }
