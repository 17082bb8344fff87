package engine

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/controller"
	"github.com/fleetdrill/fleetdrill/drill/instrument"
)

// standstills tells the times in which this process did not run. A nil one has none.
type standstills struct {
	watch *instrument.Watch
	emit  func(drill.Body) drill.Event
}

// newStandstills makes a watch whose threshold is what could make a probe look failed. Afterwards an authority whose lease
// ran out is granted the next within one question.
func newStandstills(spec drill.Fleet, now func() time.Duration, emit func(drill.Body) drill.Event) *standstills {
	return &standstills{emit: emit, watch: instrument.New(instrument.Config{
		Now: now, Threshold: instrument.ThresholdFor(spec.Routing.Probe.Timeout),
		Settle: spec.Failover.Lease + controller.AskLimit,
	})}
}

// run notes that this process runs, and tells where it did not, until ctx ends.
func (s *standstills) run(ctx context.Context, clock bus.Clock) {
	tick, stop := clock.Ticker(instrument.Every)
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
