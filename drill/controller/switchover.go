package controller

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const (
	// catchUpLimit bounds the wait for a replica to come near before writes are blocked.
	catchUpLimit = 30 * time.Second
	// blockLimit bounds how long writes are blocked for the rest.
	blockLimit = 5 * time.Second
	// nearEnough is how many entries a replica may lack when writes are blocked: a
	// batch or two, which the links carry in one round trip.
	nearEnough = 64
	// pollEvery is how often a replica is asked while a move waits for it.
	pollEvery = 5 * time.Millisecond
)

// leg is how far a switchover is. Each but the first two is a named stage of
// drill.SwitchoverDone, and each ends where the next begins.
type leg int

const (
	toNumber  leg = iota
	toPrepare     // the replica comes near; writes are taken
	toFence       // from here on writes are blocked
	toCatchUp
	toPromote
	toReroute
	toReturn // it broke, and the old authority gets its role back
)

// switchover moves the authority without loss: the replica comes near, the old
// authority is fenced, the replica takes in the rest, then it is promoted.
type switchover struct {
	number  uint64 // of the command; 0 once it is answered
	step    uint64 // under way; 0 is none
	leg     leg
	done    drill.SwitchoverDone
	epoch   uint64 // of the old authority
	since   time.Duration
	began   time.Duration // of the leg
	blocked time.Duration // when writes were blocked
	pollAt  time.Duration
	last    store.Status // of the old authority, fenced
	seen    uint64       // position of the replica's last answer
	silent  error        // of the last question
	why     error        // that it broke
}

func switchOver(d *decision, number uint64, c runbook.Command) {
	s := &switchover{number: number, epoch: d.m.epoch, since: d.now, began: d.now}
	s.done = drill.SwitchoverDone{Dataset: d.name(), From: d.m.lead, To: c.To, Epoch: d.nextEpoch()}
	s.step = d.ask(exchange.Step{Kind: exchange.StepNumber, Occasion: exchange.Occasion{Move: 1}})
	d.m.switchover = s
}

// poll asks the replica that is to lead for its status, once that is due.
func (s *switchover) poll(d *decision) {
	switch {
	case s.step != 0 || d.now < s.pollAt:
	case s.leg == toCatchUp && d.m.rule.Mode == topology.ModeBackup:
		s.step = d.ask(exchange.Step{Kind: exchange.StepShip, Region: s.done.To, Beside: s.done.From, Limit: d.m.promoteLimit()})
	case s.leg == toPrepare || s.leg == toCatchUp:
		s.step = d.ask(exchange.Step{Kind: exchange.StepStatus, Region: s.done.To, Beside: s.done.From, Limit: AskLimit})
	}
}

// limit is when the leg has taken too long; false where its step has a limit of its own.
func (m *Memory) switchLimit() (time.Duration, bool) {
	s := m.switchover
	switch s.leg {
	case toPrepare:
		return s.began + catchUpLimit, true
	case toCatchUp, toReroute:
		if s.leg == toCatchUp && m.rule.Mode == topology.ModeBackup {
			return s.began + m.promoteLimit(), true // a last snapshot crosses the link
		}
		return s.began + blockLimit, true
	}
	return 0, false
}

// switching does what is due by now.
func switching(d *decision) {
	s := d.m.switchover
	if s == nil {
		return
	}
	if limit, bound := d.m.switchLimit(); bound && d.now >= limit {
		waited := format.Span(d.now - s.began)
		err := fmt.Errorf("still at position %s after %s", format.Count(s.seen), waited)
		if s.silent != nil {
			err = fmt.Errorf("no answer within %s: %w", waited, s.silent)
		}
		switch s.leg {
		case toPrepare:
			breakOff(d, fmt.Errorf("%s did not catch up with %s: %w", s.done.To, s.done.From, err))
		case toCatchUp:
			giveBack(d, fmt.Errorf("%s did not get the last writes of %s: %w", s.done.To, s.done.From, err))
		case toReroute: // perhaps nobody writes, or all writes wait for a region
			s.done.Open = true
			over(d, d.now)
		}
		return
	}
	s.poll(d)
}

// switched takes an answer in that a switchover waits for.
func switched(d *decision, o exchange.Done) bool {
	s := d.m.switchover
	if s == nil || s.step == 0 || o.Step.ID != s.step {
		return false
	}
	s.step = 0
	switch s.leg {
	case toNumber:
		s.done.ID = o.Number
		s.enter(d, toPrepare)
	case toPrepare:
		prepared(d, s, o)
	case toFence:
		switch {
		case o.Err != nil:
			giveBack(d, fmt.Errorf("fence %s: %w", s.done.From, o.Err))
			return true
		case !d.m.up(s.done.To):
			giveBack(d, fmt.Errorf("%s is down", s.done.To))
			return true
		}
		s.last = o.Status
		s.done.Fence = s.enter(d, toCatchUp)
	case toCatchUp:
		s.saw(d, o)
		if o.Err == nil && o.Status.Position >= s.last.Position && o.Status.LastIn == s.last.LastIn {
			s.done.CatchUp = s.enter(d, toPromote)
			promote(d, promotion{purpose: forSwitchover, to: s.done.To, epoch: s.done.Epoch, next: d.m.next(d.now, s.done.To, false)})
		}
	}
	if d.m.switchover != nil {
		s.poll(d)
	}
	return true
}

// prepared looks whether the replica is near enough for writes to be blocked.
func prepared(d *decision, s *switchover, o exchange.Done) {
	if o.Step.Kind == exchange.StepFollow {
		return
	}
	s.saw(d, o)
	if o.Err != nil {
		return
	}
	if o.Status.Authority != s.done.From || o.Status.Epoch != s.epoch {
		s.step = follow(d, s.done.To) // it has just come back, and was not told yet
		return
	}
	if lead := d.m.of(s.done.From); lead.known && near(o.Status, lead.status) {
		s.done.Prepare = s.enter(d, toFence)
		s.blocked = d.now
		stopRenewing(d)
		s.step = d.ask(exchange.Step{Kind: exchange.StepFence, Region: s.done.From, Epoch: s.done.Epoch, Limit: fenceLimit})
	}
}

// near says whether a replica lacks so little of the authority that writes may be blocked for
// it: of a backup the last snapshot brings all, however much that is.
func near(s, lead store.Status) bool {
	if s.Mode == topology.ModeBackup {
		return s.Current()
	}
	return s.Whole() && s.Entries+nearEnough >= lead.Entries
}

// saw keeps what the last question brought, and asks again a moment later.
func (s *switchover) saw(d *decision, o exchange.Done) {
	s.pollAt = d.now + pollEvery
	if s.silent = o.Err; o.Err == nil {
		s.seen = o.Status.Position
	}
}

// enter begins a leg and returns how long the one before it took.
func (s *switchover) enter(d *decision, l leg) time.Duration {
	took := d.now - s.began
	s.leg, s.began, s.pollAt, s.seen, s.silent = l, d.now, 0, 0, nil
	return took
}

// switchedOver has its new authority, which holds a lease; what is left is its first write.
func switchedOver(d *decision) {
	s := d.m.switchover
	s.done.Promote = s.enter(d, toReroute)
}

// over ends a switchover that succeeded. Its first write came at a time, or was waited
// for until then.
func over(d *decision, at time.Duration) {
	s := *d.m.switchover
	d.m.switchover = nil
	s.done.Reroute = max(at-s.began, 0)
	s.done.Blocked = s.done.Fence + s.done.CatchUp + s.done.Promote + s.done.Reroute
	d.emit(s.done)
	audit(d, s.done.To, exchange.Occasion{Why: fmt.Sprintf("switchover %d", s.done.ID), Move: s.done.ID})
	blocked := "no writes for " + format.Span(s.done.Blocked)
	if s.done.Open {
		blocked = "no write was confirmed since"
	}
	d.answer(s.number, exchange.Outcome{Proof: fmt.Sprintf("%s leads %s, %s, %s", s.done.To, d.name(), format.Term(s.done.Epoch), blocked)})
}

// breakOff ends a switchover whose old authority, or the region that was to lead, is
// lost. Before writes are blocked nothing has changed.
func breakOff(d *decision, why error) {
	s := d.m.switchover
	if s == nil {
		return
	}
	switch s.leg {
	case toReroute: // it is done, and nobody wrote yet
		s.done.Open = true
		over(d, d.now)
	case toNumber, toPrepare:
		d.m.switchover = nil
		brokeOff(d, s, why)
	}
}

// wentDown breaks a switchover off, or gives the authority back, where it can't go on
// without a region that went down.
func wentDown(d *decision, region string, why error) {
	s := d.m.switchover
	if s == nil || region != s.done.From && region != s.done.To {
		return
	}
	switch {
	case s.leg == toNumber, s.leg == toPrepare:
		breakOff(d, fmt.Errorf("%s did not catch up with %s: %w", s.done.To, s.done.From, why))
	case s.leg == toFence && region == s.done.From, s.leg == toCatchUp:
		giveBack(d, fmt.Errorf("%s did not get the last writes of %s: %w", s.done.To, s.done.From, why))
	}
}

// giveBack gives the old authority its role back, in a fresh epoch, after a
// switchover that could not be finished. Where the other one has been promoted it may hold
// a lease whose answer was lost: a failover fences it first.
func giveBack(d *decision, why error) {
	s := d.m.switchover
	s.why, s.step = why, 0
	s.enter(d, toReturn)
	switch {
	case d.m.lead != s.done.From:
		returned(d, fmt.Errorf("%s may lead already", d.m.lead))
	case !d.m.up(s.done.From):
		returned(d, fmt.Errorf("%s is down", s.done.From))
	default:
		promote(d, promotion{purpose: forReturn, to: s.done.From, epoch: d.nextEpoch(), next: d.m.rule})
	}
}

// returned ends a switchover that broke: the old authority leads again, or a failover
// follows.
func returned(d *decision, err error) {
	s := *d.m.switchover
	d.m.switchover = nil
	if err == nil {
		brokeOff(d, &s, s.why)
		return
	}
	brokeOff(d, &s, fmt.Errorf("%w; %s was not promoted again: %w; a failover follows", s.why, s.done.From, err))
	lose(d, loss{region: d.m.lead, at: d.now, why: "a move broke half way: " + err.Error()})
}

func brokeOff(d *decision, s *switchover, why error) {
	d.answer(s.number, exchange.Outcome{Err: why, Next: "see who leads it now; try again when the replica has caught up"})
}
