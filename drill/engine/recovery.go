package engine

import (
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// recovery judges, window by window, when users are served again as before. Which faults
// are not recovered from yet is the state's to say.
//
// mu is held while nothing else is taken: functions that the bus calls may ask here.
type recovery struct {
	emit    func(drill.Body) drill.Event
	view    func(func(*drill.State))
	success float64 // the steady share
	// lasting is how long requests must have succeeded: the longest time that a user
	// waits, so that a stall has ended in failures by then, and one window.
	lasting time.Duration
	abort   drill.Abort // zero For: nothing aborts
	stands  *standstills
	// recovered takes each command whose fault users have recovered from, and since when.
	recovered func(command int, since time.Duration)

	mu     sync.Mutex
	good   time.Duration // start of the unbroken run of good windows
	inGood bool
	low    time.Duration // since when success is below the abort threshold; -1 is not
	tooLow func()        // called when it has been low for too long; nil is not asked for
}

func newRecovery(users []topology.Population, plan *drill.Plan) *recovery {
	r := &recovery{success: drill.HandSteady.Success, lasting: sampleEvery, low: -1, recovered: func(int, time.Duration) {}}
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
	if !r.inGood {
		return 0
	}
	return now - r.good
}

// guard has tooLow called once success has been below the abort threshold for as long as
// the plan allows; nil ends that.
func (r *recovery) guard(tooLow func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tooLow = tooLow
}

// sampled takes a window in, and ends the outage if it shows that users have recovered.
func (r *recovery) sampled(now time.Duration, t drill.TrafficSampled) {
	var open []*drill.Fault
	var from time.Duration
	settled := true
	r.view(func(s *drill.State) { open, from, settled = unrecovered(s) })
	if r.stands.stood(now-t.Window, now) {
		r.unjudged()
		return
	}
	since, good := r.judge(now, t, from)
	if !good || !settled {
		return
	}
	for _, f := range open {
		r.emit(drill.Recovered{Fault: f.ID, Since: since})
		r.recovered(f.Command, since)
	}
}

// unjudged takes a window in which this process stood still: it says nothing, and what comes after begins anew.
func (r *recovery) unjudged() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inGood, r.low = false, -1
}

// judge takes a window in and reports since when requests have succeeded, and whether for
// long enough. Windows that began before the newest fault did count for nothing.
func (r *recovery) judge(now time.Duration, t drill.TrafficSampled, from time.Duration) (since time.Duration, good bool) {
	requests, ok, affected := 0, 0, 0
	for _, p := range t.Populations {
		requests += p.Requests
		ok += p.OK
		affected += p.AffectedNow
	}
	share := 1.0
	if requests > 0 {
		share = float64(ok) / float64(requests)
	}
	r.mu.Lock()
	if r.abort.For > 0 {
		switch {
		case requests == 0 && affected == 0, share >= r.abort.SuccessBelow && requests > 0:
			r.low = -1
		case r.low < 0:
			r.low = now
		}
	}
	tooLow := r.tooLow
	if r.low < 0 || now-r.low < r.abort.For {
		tooLow = nil
	}
	start := now - t.Window
	// A fault may have begun a while ago, since it counts once it is proved.
	r.good = max(r.good, from)
	switch {
	case requests == 0 || share < r.success:
		r.inGood = false
	case !r.inGood && start >= from:
		r.inGood, r.good = true, start
	}
	since = r.good
	// Users may stay affected by then: their data has moved, and every write is slow. That
	// is what the move costs, not an outage that goes on.
	good = r.inGood && now-r.good >= r.lasting
	r.mu.Unlock()
	if tooLow != nil {
		tooLow()
	}
	return since, good
}

// unrecovered is the faults that users have not recovered from, when the newest fault
// began, and whether the open ones have been noticed and answered: the router has judged each
// region (or it is back), and every dataset has an authority.
func unrecovered(s *drill.State) (open []*drill.Fault, from time.Duration, settled bool) {
	settled = true
	for _, f := range s.Faults {
		from = max(from, f.From)
	}
	for _, f := range s.Unrecovered() {
		if !f.Shape.IsZero() { // its slowness is the outage, until it was put right
			from = max(from, *f.Lifted)
		}
		copied := *f
		open = append(open, &copied)
		if g := s.Region(regionOf(s, f)); g != nil && s.FaultOn(g.Spec.Name) != nil && g.Up != nil && *g.Up {
			settled = false
		}
	}
	for _, f := range s.Failovers {
		if _, rerouted := f.Ends[drill.StageReroute]; !rerouted {
			settled = false
		}
	}
	return open, from, settled
}

// regionOf is the region that a fault is on, or the first end of its links that is one.
func regionOf(s *drill.State, f *drill.Fault) string {
	if f.Region != "" || len(f.Between) < 2 {
		return f.Region
	}
	if s.Fleet.Has(f.Between[0]) {
		return f.Between[0]
	}
	return f.Between[1]
}
