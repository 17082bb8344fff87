package controller

import (
	"errors"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/refusal"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// command takes a command up: it is refused, or answered once it is done.
func command(d *decision, number uint64, c runbook.Command) {
	m := &d.m
	if o := refused(m, c); o.Err != nil {
		d.answer(number, o)
		return
	}
	switch c.Verb {
	case runbook.VerbReseed:
		beginReseed(d, number, c)
	case runbook.VerbMode:
		changeMode(d, number, c)
	case runbook.VerbSwitchover:
		switchOver(d, number, c)
	default:
		m.failover.choice = &choice{number: number, command: c}
		advance(d)
	}
}

// begin takes an operator's command up, with no try under way.
func begin(d *decision, f *failover) {
	o := *f.choice
	o.begun, o.before.asked, o.before.chosen = true, f.asked, f.chosen
	f.choice = &o
	if o.command.Verb == runbook.VerbForce {
		f.asked, f.chosen, f.forced = true, o.command.To, true
		advance(d)
		return
	}
	f.at = checking
	f.round = d.askAll(candidates(&d.m), exchange.Step{Kind: exchange.StepStatus, Limit: AskLimit})
	chosen(d, f)
}

// checked has what the candidates of an operator's choice hold: it is refused where that
// may lack acknowledged writes.
func checked(d *decision, f *failover, answers map[string]store.Status) {
	f.at = idle
	to := f.choice.command.To
	if missing := d.m.question().Uncertain(to, answers); missing != "" {
		number := f.choice.number
		f.choice = nil
		d.answer(number, refusal.Refuse("restore a region that has every confirmed write, or force one, which may lose some", errors.New(missing)))
		return
	}
	f.asked, f.chosen, f.forced = true, to, false
	advance(d)
}

// unanswered ends the command that a try was made for, without success.
func unanswered(d *decision, f *failover) {
	o := f.choice
	if o == nil {
		return
	}
	if !o.begun {
		advance(d)
		return
	}
	f.choice = nil
	if o.command.Verb == runbook.VerbPromote {
		next := "it is tried again; or promote another region"
		if !d.m.rules.Policy.ByOperator() {
			// A choice that came to nothing must not keep the controller from its own.
			f.asked, f.chosen = o.before.asked, o.before.chosen
			next = "the most advanced region is promoted instead; or promote another"
		}
		d.answer(o.number, exchange.Outcome{Err: fmt.Errorf("%s did not answer", o.command.To), Next: next})
		return
	}
	// It was agreed to now, not to whatever may have come back by the next try.
	f.asked, f.chosen, f.forced = o.before.asked, o.before.chosen, false
	why := fmt.Errorf("%s did not take over", o.command.To)
	if f.missing != "" {
		why = errors.New(f.missing)
	}
	d.answer(o.number, exchange.Outcome{Err: why, Next: "force it again, or another region"})
}

// answerChoice ends a command whose failover is over.
func answerChoice(d *decision, o choice, lead string) {
	switch {
	case !o.begun:
		d.answer(o.number, refusal.Serves(d.name(), lead))
	case o.command.Verb == runbook.VerbForce:
		d.answer(o.number, exchange.Outcome{Proof: fmt.Sprintf("%s leads %s, %s, by force", lead, d.name(), format.Term(d.m.epoch))})
	default:
		d.answer(o.number, exchange.Outcome{Proof: fmt.Sprintf("%s leads %s, %s", lead, d.name(), format.Term(d.m.epoch))})
	}
}

// ErrStopped answers a command that the end of the drill overtook.
var ErrStopped = errors.New("the drill was stopped first")
