package controller

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/candidate"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// modeLimit bounds the time until a new durability holds: as long as a replica may
// take to come near in a switchover.
const modeLimit = catchUpLimit

// modeChange is a change of a dataset's durability that is not in force yet.
//
// It goes in two steps, so that no write is acknowledged under a durability that
// nobody promotes by. First the authority is told the new mode beside the old
// one: writes keep both. Once everything that was there then is kept by the new
// one as well, the controller promotes by it, and only then is the authority let
// off the old one.
type modeChange struct {
	number   uint64
	to       topology.Durability
	by       string
	began    time.Duration
	step     uint64
	known    bool
	position uint64 // what must be kept before the new durability holds
	kept     uint64
}

func changeMode(d *decision, number uint64, c runbook.Command) {
	m := &d.m
	m.modeChange = &modeChange{number: number, to: topology.Durability{Mode: c.Mode, With: c.With}, by: c.By, began: d.now}
	place(d)
	m.modeChange.step = d.ask(exchange.Step{Kind: exchange.StepPush, Region: m.lead, Limit: m.rules.StepLimit})
}

// place sets the configuration of now for the topologies to come.
func place(d *decision) {
	d.do(exchange.Step{Kind: exchange.StepPlace, Dataset: d.m.config(), Authority: d.m.lead, Epoch: d.m.epoch})
}

// changing takes an answer in that a change of mode waits for.
func changing(d *decision, o exchange.Done) bool {
	c := d.m.modeChange
	if c == nil || c.step == 0 || o.Step.ID != c.step {
		return false
	}
	c.step = 0
	m := &d.m
	switch s := o.Status; {
	case o.Step.Kind == exchange.StepPush && o.Err != nil:
		dropMode(d, fmt.Errorf("tell %s: %w", m.lead, o.Err), m.up(m.lead))
	case o.Step.Kind == exchange.StepPush:
		c.step = d.ask(exchange.Step{Kind: exchange.StepStatus, Region: m.lead, Limit: fenceLimit})
	case !c.known && o.Err != nil:
		dropMode(d, fmt.Errorf("ask %s for its position: %w", m.lead, o.Err), m.up(m.lead))
	case !c.known:
		c.known, c.position = true, s.Position
		if m.rules.breach.twoSteps {
			modeChanged(d)
			break
		}
		awaitMode(d)
	case o.Err == nil && s.Role == role.Authority && s.Epoch == m.epoch && s.Mode == c.to.Mode && s.DurableIndex >= c.position:
		c.kept = s.DurableIndex
		modeChanged(d)
	default:
		c.kept = s.DurableIndex
	}
	return true
}

// awaitMode asks whether the new durability holds, at each tick until it has taken too long.
func awaitMode(d *decision) {
	c := d.m.modeChange
	switch {
	case c == nil || c.step != 0 || !c.known:
	case d.now-c.began > modeLimit:
		dropMode(d, fmt.Errorf("%s was not kept for what was there within %s (at %s of %s)", c.to, format.Span(modeLimit), format.Count(c.kept), format.Count(c.position)), d.m.up(d.m.lead))
	default:
		c.step = d.ask(exchange.Step{Kind: exchange.StepStatus, Region: d.m.lead, Limit: AskLimit})
	}
}

func modeChanged(d *decision) {
	m := &d.m
	c, was := *m.modeChange, m.rule
	m.rule, m.since, m.modeChange = candidate.Rule{Durability: c.to, CaughtUp: true}, d.now, nil
	// Should it not be told now, the next question finds that it holds an old topology.
	place(d)
	d.ask(exchange.Step{Kind: exchange.StepPush, Region: m.lead, Limit: m.rules.StepLimit})
	took := d.now - c.began
	d.emit(drill.ModeChanged{Dataset: d.name(), Was: was.Durability, Now: c.to, By: c.by, Took: took})
	d.answer(c.number, exchange.Outcome{Proof: fmt.Sprintf("%s keeps %s up to position %s, %s", m.lead, c.to, format.Count(c.kept), format.Span(took))})
}

// dropMode goes back to the durability of before, which was kept all along. An
// authority that is reachable is told.
func dropMode(d *decision, why error, reachable bool) {
	m := &d.m
	c := m.modeChange
	if c == nil {
		return
	}
	m.modeChange = nil
	place(d)
	if reachable {
		d.ask(exchange.Step{Kind: exchange.StepPush, Region: m.lead, Limit: m.rules.StepLimit})
	}
	d.answer(c.number, exchange.Outcome{Err: fmt.Errorf("%s stays %s: %w", d.name(), m.rule, why), Next: "see that its regions are current, then try again"})
}
