package engine

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// sampleEvery is how often traffic, links and stores are measured into events.
// Twice a second shows a failover as it happens and keeps a journal of an hour
// within some ten megabytes.
const sampleEvery = measure.Resolution

// sampler emits the measurements.
type sampler struct {
	bus   *bus.Bus
	clock bus.Clock
	// What is measured: the stores (since the sample before), the links, the traffic.
	stores  func(prior map[string]telemetry.Replica, since time.Duration) drill.StoresSampled
	links   func() drill.LinksSampled
	found   func(now time.Duration) (drill.DiscoverySampled, bool)
	traffic func() drill.TrafficSampled
	// visitors is what people asked as users since the sample before; false where nobody did.
	visitors func() (drill.VisitorsSampled, bool)
	// sampled takes the traffic in, and counts it once more by what that shows.
	sampled func(time.Duration, drill.TrafficSampled) drill.TrafficSampled
}

// run samples until ctx ends.
func (s *sampler) run(ctx context.Context) {
	tick, stop := s.clock.Ticker(sampleEvery)
	defer stop()
	prior, at := map[string]telemetry.Replica{}, s.clock.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		now := s.clock.Now()
		stores := s.stores(prior, now-at)
		for _, r := range stores.Stores {
			prior[r.Dataset+"/"+r.Region] = r
		}
		at = now
		s.bus.Emit(stores)
		s.bus.Emit(s.links())
		s.discovery(now)
		s.bus.Emit(s.sampled(now, s.traffic()))
		s.visited()
	}
}

func (s *sampler) visited() {
	if asked, any := s.visitors(); any {
		s.bus.Emit(asked)
	}
}

// last measures, once no request is under way any more, what the ticks missed: the ledgers
// are checked next, and count up to here.
func (s *sampler) last() {
	s.bus.Emit(s.links())
	s.discovery(s.clock.Now())
	s.bus.Emit(s.traffic())
	s.visited()
}

// discovery emits what gateways found by themselves, where any does.
func (s *sampler) discovery(now time.Duration) {
	if found, any := s.found(now); any {
		s.bus.Emit(found)
	}
}
