package controller

import (
	"errors"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// command takes a command up: it is refused, or answered once it is done.
func command(d *decision, number uint64, c drill.Command) {
	m := &d.m
	var refusal Outcome
	switch {
	case m.bringUp != nil:
		refusal = refuse("wait until it has one", fmt.Errorf("%s has no authority yet", d.name()))
	case m.ending:
		refusal = Outcome{Err: errStopped}
	case c.Verb == drill.VerbReseed:
		refusal = refuseReseed(m, c)
	case c.Verb == drill.VerbMode:
		refusal = refuseMode(m, drill.Durability{Mode: c.Mode, With: c.With})
	default:
		refusal = refuseMove(m, c)
	}
	if refusal.Err != nil {
		d.answer(number, refusal)
		return
	}
	switch c.Verb {
	case drill.VerbReseed:
		beginReseed(d, number, c)
	case drill.VerbMode:
		changeMode(d, number, c)
	case drill.VerbSwitchover:
		switchOver(d, number, c)
	default:
		m.failover.order = &order{number: number, command: c}
		advance(d)
	}
}

// refuseMove says why a promotion, a switchover or a force can't be done now; no error
// where it can.
func refuseMove(m *Memory, c drill.Command) Outcome {
	name := m.rules.Dataset.Name
	where := fmt.Sprintf("choose one of %v", m.rules.Dataset.Regions)
	switch err := m.residency(c.To); {
	case err != nil:
		return refuse(where, err)
	case !m.holds(c.To):
		return refuse(where, fmt.Errorf("%s holds no replica of %s", c.To, name))
	case c.Verb != drill.VerbSwitchover && m.failover == nil:
		return refuse("use switchover, which loses nothing", fmt.Errorf("%s is led by %s, which serves", name, m.lead))
	case c.Verb == drill.VerbForce && !m.up(c.To):
		return refuse("restore it first", fmt.Errorf("%s is down", c.To))
	case c.Verb != drill.VerbSwitchover && m.failover.order != nil:
		return refuse("wait until it is done", fmt.Errorf("%s is under way", m.failover.order.command))
	case c.Verb != drill.VerbSwitchover:
		return Outcome{}
	}
	return refuseSwitchover(m, c)
}

// begin takes an operator's command up, with no try under way.
func begin(d *decision, f *failover) {
	o := *f.order
	o.begun, o.before.asked, o.before.chosen = true, f.asked, f.chosen
	f.order = &o
	if o.command.Verb == drill.VerbForce {
		f.asked, f.chosen, f.forced = true, o.command.To, true
		advance(d)
		return
	}
	f.at = checking
	f.round = d.askAll(candidates(&d.m), Step{Kind: StepStatus, Limit: askLimit})
	chosen(d, f)
}

// checked has what the candidates of an operator's choice hold: it is refused where that
// may lack promised writes.
func checked(d *decision, f *failover, answers map[string]store.Status) {
	f.at = idle
	to := f.order.command.To
	if missing := d.m.question().Uncertain(to, answers); missing != "" {
		number := f.order.number
		f.order = nil
		d.answer(number, refuse("restore a region that has every acknowledged write, or use force, which may lose some", errors.New(missing)))
		return
	}
	f.asked, f.chosen, f.forced = true, to, false
	advance(d)
}

// unanswered ends the command that a try was made for, without success.
func unanswered(d *decision, f *failover) {
	o := f.order
	if o == nil {
		return
	}
	if !o.begun {
		advance(d)
		return
	}
	f.order = nil
	if o.command.Verb == drill.VerbPromote {
		d.answer(o.number, Outcome{Err: fmt.Errorf("%s did not answer", o.command.To), Next: "it is tried again; or promote another region"})
		return
	}
	// It was agreed to now, not to whatever may have come back by the next try.
	f.asked, f.chosen, f.forced = o.before.asked, o.before.chosen, false
	why := fmt.Errorf("%s did not take over", o.command.To)
	if f.missing != "" {
		why = errors.New(f.missing)
	}
	d.answer(o.number, Outcome{Err: why, Next: "force it again, or another region"})
}

// answerOrder ends a command whose failover is over.
func answerOrder(d *decision, o order, lead string) {
	switch {
	case !o.begun:
		d.answer(o.number, refuse("use switchover, which loses nothing", fmt.Errorf("%s is led by %s, which serves", d.name(), lead)))
	case o.command.Verb == drill.VerbForce:
		d.answer(o.number, Outcome{Proof: fmt.Sprintf("%s leads %s in epoch %d, by force", lead, d.name(), d.m.epoch)})
	default:
		d.answer(o.number, Outcome{Proof: fmt.Sprintf("%s leads %s in epoch %d", lead, d.name(), d.m.epoch)})
	}
}

var errStopped = errors.New("the drill was stopped first")
