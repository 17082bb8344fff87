package controller

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
)

// Decide is what is known after an observation, heard at a time on the engine's clock,
// and what is to be done for it. It is pure: no clock, no goroutine, no I/O, no chance.
//
// Two rules bind who runs it. Each step with an ID has one result, in time or not, and
// results of steps that take no time come before anything else is heard. And a Tick
// comes at the latest when Next says.
func Decide(now time.Duration, m Memory, o exchange.Observation) (Memory, []exchange.Step) {
	d := &decision{now: now, m: m.clone()}
	switch o := o.(type) {
	case exchange.Heard:
		hear(d, o)
	case exchange.Judged:
		judge(d, o)
	case exchange.Conditions:
		for _, c := range o.Regions {
			if r := d.m.of(c.Region); r != nil {
				r.condition = c
			}
		}
	case exchange.Acked:
		acknowledged(d, o)
	case exchange.Asked:
		command(d, o.Number, o.Command)
	case exchange.Flush:
		d.m.flush = added(d.m.flush, o.Number)
		readTails(d)
	case exchange.Ending:
		end(d)
	case exchange.Done:
		finish(d, o)
	}
	renew(d)
	leaseRun(d)
	switching(d)
	if _, is := o.(exchange.Tick); is {
		tick(d)
	}
	return d.m, d.steps
}

// Next is when a Tick is due at the latest.
func (m *Memory) Next() time.Duration {
	next := m.tickAt
	if r := m.renewal; r.on && r.step == 0 {
		next = min(next, r.dueAt)
	}
	if f := m.failover; f != nil && f.at == fencing {
		next = min(next, m.leaseOver())
	}
	if s := m.switchover; s != nil {
		if limit, bound := m.switchLimit(); bound {
			next = min(next, limit)
		}
		if s.step == 0 && (s.leg == toPrepare || s.leg == toCatchUp) {
			next = min(next, s.pollAt)
		}
	}
	return next
}

// Due reports whether what is done at intervals is due: it goes by what is broken now.
func (m *Memory) Due(now time.Duration) bool { return now >= m.tickAt }

func hear(d *decision, o exchange.Heard) {
	if r := d.m.of(o.Region); r != nil {
		news := !r.known
		r.known, r.status, r.heardAt = true, o.Status, d.now
		if news {
			tryBringUp(d)
		}
		watchCopy(d, r)
		watchStall(d, r)
	}
}

// judge takes the router's verdict in. What a region that went down was asked is given
// up at once, and where it leads a failover begins. The data of one that has lost its web tier alone stays where it is.
// That its store goes on answering is seen to as in any region that is up (unrenewed).
func judge(d *decision, o exchange.Judged) {
	m := &d.m
	r := m.of(o.Region)
	if r == nil || m.ending {
		return
	}
	r.up, r.judged = o.Up || o.WebAlone(r.known, r.heardAt), o
	if r.up {
		return
	}
	giveUp(d, o.Region, fmt.Errorf("%s is down", o.Region))
	lose(d, loss{region: o.Region, at: o.At, why: o.Why})
}

// giveUp ends what a region was asked, which it can't do now.
func giveUp(d *decision, region string, why error) {
	m := &d.m
	if f := m.failover; f != nil {
		if left, owed := f.round.Without(region, why); owed {
			f.round = left
			chosen(d, f)
		}
	}
	if p := m.promotion; p != nil && p.to == region {
		unpromoted(d, why)
	}
	if s := m.reseed; s != nil && (s.region == region || s.lead == region) {
		endReseed(d, why)
	}
	wentDown(d, region, why)
}

// finish hands a result to whom it is for. What was given up meanwhile is for nobody.
func finish(d *decision, o exchange.Done) {
	if d.m.ending { // what the end broke off is no news
		_ = fetched(d, o) || tailsRead(d, o)
		return
	}
	followed(d, o)
	switch {
	case o.Step.Kind == exchange.StepAudit:
		d.emit(Audited(d.name(), o))
	case fetched(d, o):
	case renewed(d, o):
	case promoted(d, o):
	case bringingUp(d, o):
	case opened(d, o):
	case failing(d, o):
	case switched(d, o):
	case changing(d, o):
	case reseeded(d, o):
	case tailsRead(d, o):
	}
}

// tick looks after what is looked after at intervals.
func tick(d *decision) {
	m := &d.m
	if d.now < m.tickAt || m.ending {
		return
	}
	m.tickAt = d.now + tickEvery
	if m.bringUp != nil {
		tryBringUp(d)
		return
	}
	moving := m.switchover != nil && m.switchover.leg > toPrepare && m.switchover.leg != toReroute
	switch {
	case m.failover != nil:
		advance(d)
	case !moving:
		reconcile(d)
	}
	fetchAgain(d)
	awaitMode(d)
	updateCaughtUp(d)
	updateWaiting(d)
	if m.terms.Due(d.now, d.follows) {
		readTails(d)
	}
}

// end stops everything but the fetches that are under way: the end of a drill is when a
// diverged tail is wanted most.
func end(d *decision) {
	m := &d.m
	m.ending = true
	stopRenewing(d)
	readTails(d)
	m.exports = m.exports.End()
	reportRejoins(d)
	stopped := exchange.Outcome{Err: ErrStopped}
	if f := m.failover; f != nil && f.choice != nil {
		d.answer(f.choice.number, stopped)
		f.choice = nil
	}
	if m.switchover != nil {
		d.answer(m.switchover.number, stopped)
	}
	if m.modeChange != nil {
		d.answer(m.modeChange.number, stopped)
	}
	if m.reseed != nil {
		d.answer(m.reseed.number, stopped)
	}
	m.promotion, m.switchover, m.modeChange, m.reseed, m.bringUp = nil, nil, nil, nil, nil
}
