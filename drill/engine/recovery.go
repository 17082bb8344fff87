package engine

import (
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// recovery judges, window by window, when users are served again as before.
type recovery struct {
	*spine
	plan    *drill.Plan // nil by hand: nothing aborts
	success float64     // the steady share
	// recovered takes each command whose fault users have recovered from, and since when; nil takes none.
	recovered func(command int, since time.Duration)
	// lasting is how long requests must have succeeded: the longest time that a user
	// waits, so that a stall has ended in failures by then, and one window.
	lasting time.Duration

	mu     sync.Mutex
	open   []disturbance // what is not recovered from yet
	from   time.Duration // the latest one's beginning
	good   time.Duration // start of the unbroken run of good windows
	inGood bool
	low    time.Duration // since when success is below the abort threshold; -1 is not
}

// disturbance is a fault, and the region that it is about.
type disturbance struct {
	fault   int
	command int // that made it
	region  string
}

func newRecovery(s *spine, users []drill.Population, plan *drill.Plan) *recovery {
	r := &recovery{spine: s, plan: plan, success: handSteady.Success, lasting: sampleEvery, low: -1}
	for _, p := range users {
		r.lasting = max(r.lasting, p.Timeout+sampleEvery)
	}
	if plan != nil {
		r.success = plan.Steady.Success
	}
	return r
}

// disturb notes a fault; it is recovered from once requests succeed after it. It may
// have begun a while ago, since a fault counts once it is proved.
func (r *recovery) disturb(fault, command int, region string, from time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = append(r.open, disturbance{fault, command, region})
	r.from, r.good = max(r.from, from), max(r.good, from)
}

// calm reports whether every fault so far was recovered from.
func (r *recovery) calm() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open) == 0
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

// lowSince is since when success has been below the abort threshold.
func (r *recovery) lowSince() (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.low, r.low >= 0
}

// sampled takes in a window, and ends the outage if it shows that users have recovered.
func (r *recovery) sampled(now time.Duration, t drill.TrafficSampled) {
	requests, ok, hurt := 0, 0, 0
	for _, p := range t.Populations {
		requests += p.Requests
		ok += p.OK
		hurt += p.AffectedNow
	}
	share := 1.0
	if requests > 0 {
		share = float64(ok) / float64(requests)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.plan != nil && r.plan.Abort.For > 0 {
		switch {
		case requests == 0 && hurt == 0, share >= r.plan.Abort.SuccessBelow && requests > 0:
			r.low = -1
		case r.low < 0:
			r.low = now
		}
	}
	start := now - t.Window
	switch {
	case requests == 0 || share < r.success:
		r.inGood = false
	case !r.inGood && start >= r.from:
		r.inGood, r.good = true, start
	}
	// Users may stay hurt by then: their data has moved, and every write is slow. That
	// is what the move costs, not an outage that goes on.
	if len(r.open) == 0 || !r.inGood || now-r.good < r.lasting || !r.settled() {
		return
	}
	for _, d := range r.open {
		r.emit(drill.Recovered{Fault: d.fault, Since: r.good})
		if r.recovered != nil {
			r.recovered(d.command, r.good)
		}
	}
	r.open = nil
}

// settled reports whether the faults have been noticed and answered: the router
// has judged each region (or it is back), and every dataset has an authority.
func (r *recovery) settled() bool {
	settled := true
	r.view(func(s *drill.State) {
		for _, d := range r.open {
			if g := s.Region(d.region); g != nil && s.FaultOn(d.region) != nil && g.Up != nil && *g.Up {
				settled = false
			}
		}
		for _, f := range s.Failovers {
			if _, rerouted := f.Ends[drill.StageReroute]; !rerouted {
				settled = false
			}
		}
	})
	return settled
}
