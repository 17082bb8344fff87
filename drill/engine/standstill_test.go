package engine

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const ms = time.Millisecond

// stopped is a process that can be stopped: its clock goes on, and nothing runs.
type stopped struct{ added atomic.Int64 }

func (s *stopped) wall() time.Time         { return time.Now().Add(time.Duration(s.added.Load())) }
func (s *stopped) forSpan(d time.Duration) { s.added.Add(int64(d)) }

// meter counts the steady checks that were begun and ended.
type meter struct{ begun, ended int }

func (m *meter) StartSteady()                        { m.begun++ }
func (m *meter) EndSteady() (float64, int, []string) { m.ended++; return 1, 100, nil }

// standLab is a runner over a process that can be stopped.
func standLab(t *testing.T) (r *runner, p *stopped, m *meter) {
	t.Helper()
	p, m = &stopped{}, &meter{}
	b := bus.New(p.wall, &memoryJournal{}, nil)
	spec := topology.Fleet{Routing: topology.Routing{Probe: topology.DefaultProbe}, Failover: topology.FailoverPolicy{Lease: time.Second}}
	r = &runner{bus: b, clock: b.Clock(), users: m, recovery: newRecovery(nil, nil), stands: newStandstills(spec, b)}
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	go r.stands.run(ctx, r.clock)
	return r, p, m
}

// What makes a probe look failed is a standstill, however short probes are: a program that
// came late must not take its own lateness for a region's.
func TestShortProbesMakeShortStandstills(t *testing.T) {
	for timeout, want := range map[time.Duration]bool{60 * ms: true, 100 * ms: true, topology.DefaultProbe.Timeout: false} {
		synctest.Test(t, func(t *testing.T) {
			p := &stopped{}
			b := bus.New(p.wall, &memoryJournal{}, nil)
			stands := newStandstills(topology.Fleet{Routing: topology.Routing{Probe: topology.Probe{Every: 20 * ms, Timeout: timeout, DownAfter: 3, UpAfter: 4}}}, b)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			go stands.run(ctx, b.Clock())
			time.Sleep(time.Second + ms)
			synctest.Wait()
			sent := b.Now()
			if stands.stood(0, sent) {
				t.Error("it stood still though it ran")
			}
			p.forSpan(60 * ms)
			if got := stands.stood(sent, b.Now()); got != want {
				t.Errorf("a probe that may take %s, with this program late by 60 ms: %v", timeout, got)
			}
		})
	}
}

// A check in which this process stood still says nothing: it is made again.
func TestASteadyCheckIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p, m := standLab(t)
		time.AfterFunc(2*time.Second+ms, func() { p.forSpan(15 * time.Second) })
		got, err := r.check(t.Context(), runbook.Steady{For: 5 * time.Second, Success: 0.99}, "before", nil)
		if err != nil || !got.Met || m.begun != 2 || m.ended != 1 {
			t.Errorf("%+v, %v, begun %d, ended %d times", got, err, m.begun, m.ended)
		}
		var told []drill.StandstillNoticed
		r.bus.View(func(s *drill.State) { told = s.Standstills })
		if len(told) != 1 || told[0].For < 15*time.Second || told[0].For > 15100*ms || told[0].Settle != 1500*ms {
			t.Errorf("told %+v", told)
		}
	})
}

// What a plan has later comes later by a standstill: it does not come all at once.
func TestAPlanKeepsItsDistances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p, _ := standLab(t)
		time.AfterFunc(time.Second+ms, func() { p.forSpan(15 * time.Second) })
		if err := r.sleepUntil(t.Context(), r.clock.Now()+10*time.Second, 0); err != nil {
			t.Fatal(err)
		}
		if got := r.clock.Now(); got < 25*time.Second-ms || got > 25200*ms {
			t.Errorf("it is %s", got)
		}
	})
}

// A window in which this process stood still shows neither an outage nor its end, and aborts nothing.
func TestNoRecoveryAcrossAStandstill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p, _ := standLab(t)
		l := newRecoveryLab(time.Second)
		l.recovery.stands = r.stands
		l.recovery.abort = runbook.Abort{SuccessBelow: 0.5, For: 2 * time.Second}
		l.recovery.guard(func(drill.LimitCrossed) { t.Error("aborted") })
		l.emit(drill.FaultProved{ID: 1, Region: "a", Fault: drill.FaultKill, From: r.clock.Now()})
		time.Sleep(500 * ms)
		l.recovery.sampled(r.clock.Now(), window(0, 50, 9))
		time.Sleep(ms)
		p.forSpan(15 * time.Second)
		long := window(100, 0, 0)
		long.Window = 15 * time.Second
		l.recovery.sampled(r.clock.Now(), long)
		if len(l.recovered) > 0 || l.recovery.goodFor(r.clock.Now()) > 0 {
			t.Errorf("recovered: %+v", l.recovered)
		}
	})
}

// An agent that stood still is told once, and not where a fault stopped it.
func TestStarvedRegionsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, _ := standLab(t)
		r.bus.Emit(drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}, {Name: "b", Cluster: "eu"}, {Name: "c", Cluster: "eu"}}}})
		r.bus.Emit(drill.FaultProved{ID: 1, Fault: drill.FaultFreeze, Region: "b", From: 2 * time.Second})
		time.Sleep(4 * time.Second)
		r.bus.Emit(drill.FaultLifted{ID: 1, Region: "b"})
		time.Sleep(6 * time.Second)
		said := []wire.Stood{{N: 0, Ago: 5 * time.Second, For: 3 * time.Second}, {N: 1, Ago: time.Second, For: 499 * ms}}
		for range 3 {
			for _, region := range []string{"a", "b", "c"} {
				r.stands.heard(region, "run", said, 10*time.Second)
			}
		}
		r.stands.heard("b", "run", []wire.Stood{{N: 2, Ago: time.Second, For: 2 * time.Second}}, 10*time.Second)
		r.stands.heard("a", "another", said[:1], 10*time.Second)
		// A fleet that was up before: one was over when the drill began, of another a second is in it, of a third too little.
		before := []wire.Stood{{N: 0, Ago: 12 * time.Second, For: time.Second}, {N: 1, Ago: 9 * time.Second, For: 3 * time.Second}, {N: 2, Ago: 9900 * ms, For: 3 * time.Second}}
		r.stands.heard("c", "joined", before, 10*time.Second)
		var got []drill.RegionStarved
		r.bus.View(func(s *drill.State) { got = s.Starved })
		want := []drill.RegionStarved{
			{Region: "a", From: 2 * time.Second, For: 3 * time.Second},
			{Region: "b", From: 7 * time.Second, For: 2 * time.Second},
			{Region: "a", From: 2 * time.Second, For: 3 * time.Second},
			{Region: "c", From: 0, For: time.Second},
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %+v", got)
		}
	})
}
