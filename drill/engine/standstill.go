package engine

import (
	"context"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/controller"
	"github.com/fleetdrill/fleetdrill/drill/instrument"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// standstills tells the times in which this process did not run. A nil one has none.
type standstills struct {
	watch *instrument.Watch
	emit  func(drill.Body) drill.Event
	view  func(func(*drill.State))
	// missed is how long an agent must have stood still to have missed a probe.
	missed time.Duration
	every  time.Duration // a note

	mu    sync.Mutex
	known map[agentStood]bool
}

// agentStood is one standstill of one run of a region's agent.
type agentStood struct {
	region, run string
	n           int
}

// newStandstills makes a watch whose threshold is what could make a probe look failed. Afterwards an authority whose lease
// ran out is granted the next within one question.
func newStandstills(spec topology.Fleet, b *bus.Bus) *standstills {
	missed := spec.Routing.Probe.Timeout
	if missed <= 0 {
		missed = topology.DefaultProbe.Timeout
	}
	threshold := instrument.ThresholdFor(spec.Routing.Probe.Timeout)
	return &standstills{emit: b.Emit, view: b.View, missed: missed, every: instrument.EveryFor(threshold), known: map[agentStood]bool{}, watch: instrument.New(instrument.Config{
		Now: b.Now, Threshold: threshold,
		Settle: spec.Failover.Lease + controller.AskLimit,
	})}
}

// run notes that this process runs, and tells where it did not, until ctx ends.
func (s *standstills) run(ctx context.Context, clock bus.Clock) {
	tick, stop := clock.Ticker(s.every)
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			s.tell()
		}
	}
}

// tell emits what is not told yet.
func (s *standstills) tell() {
	if s == nil {
		return
	}
	for _, x := range s.watch.News() {
		s.emit(drill.StandstillNoticed{From: x.From, For: x.To - x.From, Slept: x.Slept, Settle: x.Settle})
	}
}

// stood reports whether this process stood still in a part of a span, or what that broke may not be mended.
func (s *standstills) stood(from, to time.Duration) bool { return s != nil && s.watch.Stood(from, to) }

// total is how long it has stood still.
func (s *standstills) total() time.Duration {
	if s == nil {
		return 0
	}
	return s.watch.Total()
}

// heard takes what a region's agent says of itself. That it did not run for longer than a probe may take is told once, unless
// a fault was on its region then. The agent of a fleet that was up before tells of times before the drill too, which are none of it.
func (s *standstills) heard(region, run string, stood []wire.Stood, at time.Duration) {
	for _, x := range stood {
		key := agentStood{region, run, x.N}
		s.mu.Lock()
		known := s.known[key]
		s.known[key] = true
		s.mu.Unlock()
		to := at - x.Ago
		from := max(to-x.For, 0)
		if known || to-from < s.missed {
			continue
		}
		faulted := false
		s.view(func(state *drill.State) { faulted = attribution.Faulted(state, region, from, to) })
		if !faulted {
			s.emit(drill.RegionStarved{Region: region, From: from, For: to - from})
		}
	}
}
