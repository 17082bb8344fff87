package engine

import (
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/engine/outage"
	"github.com/fleetdrill/fleetdrill/drill/limit"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// recovery judges, window by window, when users are served again as before: when the share of requests
// that neither failed nor were slow is the steady one. Which faults are not recovered from yet is
// the state's to say, and each is judged by itself.
//
// mu is held while nothing else is taken: functions that the bus calls may ask here.
type recovery struct {
	emit    func(drill.Body) drill.Event
	view    func(func(*drill.State))
	success float64 // the steady share
	// lasting is how long requests must have succeeded: the longest time that a user
	// waits, so that a stall has ended in failures by then, and one window.
	lasting time.Duration
	abort   runbook.Abort
	stands  *standstills
	// recovered takes each command whose faults users have recovered from, and since when.
	recovered func(command int, since time.Duration)

	mu   sync.Mutex
	ok   stretch // of windows in which enough requests succeeded
	well stretch // of those in which enough succeeded and were not slow either
	// calm is, by fault, since when requests are good, or were when another fault began.
	calm   map[int]time.Duration
	heard  map[int]int // by fault, the requests of the good windows in a row since it began
	served limit.Success
	// crossed is called when an abort limit is crossed; nil is not asked for.
	crossed func(drill.LimitCrossed)
}

// stretch is an unbroken run of good windows.
type stretch struct {
	good  bool
	since time.Duration
}

func (s *stretch) take(start time.Duration, good bool) {
	if good && !s.good {
		s.since = start
	}
	s.good = good
}

func newRecovery(users []topology.Population, plan *runbook.Plan) *recovery {
	r := &recovery{success: runbook.HandSteady.Success, lasting: sampleEvery, calm: map[int]time.Duration{}, heard: map[int]int{}, recovered: func(int, time.Duration) {}}
	for _, p := range users {
		r.lasting = max(r.lasting, p.Timeout+sampleEvery)
	}
	if plan != nil {
		r.success, r.abort = plan.Steady.Success, plan.Abort
	}
	return r
}

// goodFor is how long requests have succeeded at the steady share without a break.
func (r *recovery) goodFor(now time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ok.good {
		return 0
	}
	return now - r.ok.since
}

// guard has crossed called, once, when one of the plan's abort limits is crossed; nil ends that.
func (r *recovery) guard(crossed func(drill.LimitCrossed)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crossed = crossed
}

// cross tells who guards.
func (r *recovery) cross(what drill.LimitCrossed) {
	r.mu.Lock()
	crossed := r.crossed
	r.crossed = nil
	r.mu.Unlock()
	if crossed != nil {
		crossed(what)
	}
}

// sampled takes a window in, and says which faults it shows that users have recovered from, or are
// served under, if slowly. It returns since when each command seems to be over whose faults are
// not all recovered from: so far nothing has shown otherwise.
func (r *recovery) sampled(now time.Duration, t drill.TrafficSampled) (over map[int]time.Duration) {
	if r.stands.stood(now-t.Window, now) {
		r.unjudged()
		return nil
	}
	r.windowed(now, t)
	var open []outage.Open
	var past *drill.LimitCrossed
	r.view(func(s *drill.State) { open, past = outage.All(s), limit.Crossed(s, r.abort) })
	if past != nil {
		r.cross(*past)
	}
	over, lasts := map[int]time.Duration{}, map[int]bool{}
	for _, o := range open {
		j := r.judge(now, t, o)
		switch {
		case j.over:
			r.emit(drill.Recovered{Fault: o.ID, Since: j.since})
		case j.slowly:
			r.emit(drill.Recovered{Fault: o.ID, Since: j.since, Slowly: true})
		}
		lasts[o.Command] = lasts[o.Command] || !j.over
		if !j.seems {
			over[o.Command] = never
		}
		over[o.Command] = max(over[o.Command], j.since, o.From+sampleEvery)
	}
	for command, since := range over {
		if !lasts[command] {
			r.view(func(s *drill.State) { since = max(since, lastRecovery(s, command)) })
			r.recovered(command, since)
		}
		if !lasts[command] || since == never {
			delete(over, command)
		}
	}
	return over
}

// never is later than any drill lasts.
const never = time.Duration(1<<63 - 1)

// unjudged takes a window in which this process stood still: it says nothing, and what comes after begins anew.
func (r *recovery) unjudged() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ok, r.well = stretch{}, stretch{}
	r.served.Forget()
	clear(r.calm)
	clear(r.heard)
}

// windowed takes a window in, and calls for an abort where success was too low for too long. One in which
// nobody was answered, and nobody waits for longer than usual, says nothing: few users ask now and then.
func (r *recovery) windowed(now time.Duration, t drill.TrafficSampled) {
	requests, ok, slow, affected := 0, 0, 0, 0
	unserved, unwell := false, false // a population, however good the others are
	for _, p := range t.Populations {
		requests += p.Requests
		ok += p.OK
		slow += p.Slowed
		affected += p.AffectedNow
		unserved = unserved || telemetry.Unserved(p.Requests, p.OK)
		unwell = unwell || telemetry.Unserved(p.Requests, p.OK-p.Slowed)
	}
	if requests == 0 && affected == 0 {
		return
	}
	enough := func(n int) bool { return requests > 0 && float64(n)/float64(requests) >= r.success }
	r.mu.Lock()
	r.ok.take(now-t.Window, enough(ok) && !unserved)
	r.well.take(now-t.Window, enough(ok-slow) && !unwell)
	tooLow := r.served.Take(now, ok, requests, r.abort)
	r.mu.Unlock()
	if tooLow {
		r.cross(limit.TooLow(r.abort))
	}
}

// judgement is what a window says of an outage: that it is over since then; that requests have
// succeeded since then, but are slow as long as the fault holds; or that it seems to be over.
type judgement struct {
	since               time.Duration
	over, slowly, seems bool
}

// leastHeard is how many requests must have been good, where users ask so seldom that lasting has fewer: of
// an outage of half of them, so many in a row are good by chance once in 32.
const leastHeard = 5

// judge says it of one outage. Requests must have been good for lasting, and leastHeard of them at least. Where another fault began
// before that, what was good until then counts, if nothing that was sent before turned out bad
// afterwards: what is bad from then on may be the other's.
func (r *recovery) judge(now time.Duration, t drill.TrafficSampled, o outage.Open) judgement {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ok.good {
		for _, p := range t.Populations {
			r.heard[o.ID] += p.Requests
		}
	} else {
		delete(r.heard, o.ID)
	}
	lasted := func(since time.Duration) bool { return now-since >= r.lasting && r.heard[o.ID] >= leastHeard }
	good, since := r.well.good, max(r.well.since, o.From)
	if !good && o.Lifted != nil && o.Elsewhere {
		good, since = r.ok.good, max(r.ok.since, *o.Lifted)
	}
	calm, known := r.calm[o.ID]
	switch {
	case good && o.Settled && lasted(since):
		delete(r.calm, o.ID)
		delete(r.heard, o.ID)
		return judgement{since: since, over: true, seems: true}
	case good && o.Settled && (o.Next == 0 || now <= o.Next):
		r.calm[o.ID] = since
		return judgement{since: since, seems: true}
	case known && o.Next > calm && !turnedBad(t, o.Next):
		if now-o.Next < r.lasting {
			return judgement{since: calm, seems: true}
		}
		delete(r.calm, o.ID)
		return judgement{since: calm, over: true, seems: true}
	default:
		delete(r.calm, o.ID)
	}
	if since = max(r.ok.since, o.From); r.ok.good && !r.well.good && o.Settled && o.Lifted == nil && !o.Slowly && lasted(since) {
		return judgement{since: since, slowly: true}
	}
	return judgement{seems: good && o.Settled, since: since}
}

// turnedBad reports whether a request ended badly in a window that was bad before a time already:
// it was due so long before that it was slow by then.
func turnedBad(t drill.TrafficSampled, before time.Duration) bool {
	for _, p := range t.Populations {
		certain := p.BadSince
		if p.Slow != nil {
			certain += *p.Slow
		}
		if p.BadSince > 0 && certain <= before {
			return true
		}
	}
	return false
}

// lastRecovery is the latest that users have recovered from one of a command's faults.
func lastRecovery(s *drill.State, command int) (since time.Duration) {
	for _, r := range s.Recoveries {
		if f := s.Fault(r.Fault); f != nil && f.Command == command {
			since = max(since, r.Since)
		}
	}
	return since
}
