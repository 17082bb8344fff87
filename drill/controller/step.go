package controller

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/round"
)

// decision is one call of Decide while it runs.
type decision struct {
	now   time.Duration
	m     Memory
	steps []exchange.Step
}

// ask asks for a step whose result is waited for, and returns its number.
func (d *decision) ask(s exchange.Step) uint64 {
	d.m.steps++
	s.ID = d.m.steps
	d.steps = append(d.steps, s)
	return s.ID
}

// do asks for a step whose result nobody waits for.
func (d *decision) do(s exchange.Step) { d.steps = append(d.steps, s) }

func (d *decision) emit(b drill.Body) { d.do(exchange.Step{Kind: exchange.StepEmit, Body: b}) }

func (d *decision) answer(command uint64, o exchange.Outcome) {
	if command != 0 {
		d.do(exchange.Step{Kind: exchange.StepAnswer, Command: command, Outcome: o})
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

// askAll asks regions the same.
func (d *decision) askAll(regions []string, s exchange.Step) (r round.Round) {
	for _, region := range regions {
		s.Region = region
		r = r.Ask(d.ask(s), region)
	}
	return r
}

// added is a list with one more, which shares no room with the list of before.
func added[T any](list []T, x T) []T { return append(slices.Clip(list), x) }
