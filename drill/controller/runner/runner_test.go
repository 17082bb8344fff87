package runner

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// fakeRegion is a replica that does at once what it is asked, unless it is slow or silent.
type fakeRegion struct {
	mu       sync.Mutex
	status   store.Status
	slow     map[string]time.Duration // by what is asked
	silent   bool
	position uint64
	tail     []store.Entry
	fetched  int
}

func (r *fakeRegion) ask(ctx context.Context, what string, do func(*store.Status) error) (store.Status, error) {
	r.mu.Lock()
	slow, silent := r.slow[what], r.silent
	r.mu.Unlock()
	if silent {
		<-ctx.Done()
		return store.Status{}, ctx.Err()
	}
	select {
	case <-ctx.Done():
		return store.Status{}, ctx.Err()
	case <-time.After(time.Millisecond + slow):
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	err := do(&r.status)
	return r.status, err
}

func (r *fakeRegion) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func nothing(*store.Status) error { return nil }

func (r *fakeRegion) StoreStatus(ctx context.Context, _ string) (store.Status, error) {
	return r.ask(ctx, "status", nothing)
}

func (r *fakeRegion) Promote(ctx context.Context, _ string, epoch uint64) (store.Status, error) {
	return r.ask(ctx, "promote", func(s *store.Status) error {
		s.Role, s.Epoch, s.Authority = role.Authority, epoch, ""
		return nil
	})
}

func (r *fakeRegion) Grant(ctx context.Context, _ string, _ uint64, _ store.Clock, _ time.Duration) (store.Status, error) {
	return r.ask(ctx, "grant", nothing)
}

func (r *fakeRegion) Fence(ctx context.Context, _ string, epoch uint64) (store.Status, error) {
	return r.ask(ctx, "fence", func(s *store.Status) error { s.Role, s.Epoch = role.Fenced, epoch; return nil })
}

func (r *fakeRegion) Follow(ctx context.Context, _, authority string, epoch uint64) (store.Status, error) {
	return r.ask(ctx, "follow", func(s *store.Status) error {
		s.Role, s.Authority, s.Epoch = role.Follower, authority, epoch
		return nil
	})
}

func (r *fakeRegion) Preload(ctx context.Context, _ string, _ int64, _ bool) (store.Status, error) {
	return r.ask(ctx, "preload", nothing)
}

func (r *fakeRegion) Copy(ctx context.Context, _, how string) (store.Status, error) {
	return r.ask(ctx, how, nothing)
}

func (r *fakeRegion) Audit(ctx context.Context, _ string, _ uint64, _ func(store.Entry) error) error {
	_, err := r.ask(ctx, "audit", nothing)
	return err
}

func (r *fakeRegion) Diverged(ctx context.Context, _ string, visit func(store.Entry) error) error {
	if _, err := r.ask(ctx, "diverged", func(*store.Status) error { r.fetched++; return nil }); err != nil {
		return err
	}
	for _, e := range r.tail {
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

// fakeBus keeps events and the state that they make.
type fakeBus struct {
	mu     sync.Mutex
	now    func() time.Duration
	state  *drill.State
	bodies []drill.Body
}

func (b *fakeBus) Emit(body drill.Body) drill.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := drill.Event{Seq: uint64(len(b.bodies) + 1), T: b.now(), Body: body}
	b.state.Apply(e)
	b.bodies = append(b.bodies, body)
	return e
}

func (b *fakeBus) View(look func(*drill.State)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	look(b.state)
}

type fakeIDs struct{ failovers, moves int }

func (i *fakeIDs) Failover() int { i.failovers++; return i.failovers }
func (i *fakeIDs) Move() int     { i.moves++; return i.moves }

type fakeTopology struct{}

func (fakeTopology) Place(topology.Dataset, string, uint64)        {}
func (fakeTopology) PushFor(context.Context, string, string) error { return nil }
func (fakeTopology) PushAll(context.Context)                       {}

// lab is a controller of three fake regions that runs in a bubble of virtual time.
type lab struct {
	t       *testing.T
	c       *Controller
	bus     *fakeBus
	clock   bubbleClock
	regions map[string]*fakeRegion
	stop    context.CancelFunc
	over    chan struct{}
}

func newLab(t *testing.T, exports string) *lab {
	began := time.Now()
	l := &lab{t: t, clock: newBubbleClock(func() time.Duration { return time.Since(began) }), regions: map[string]*fakeRegion{}, over: make(chan struct{})}
	l.bus = &fakeBus{now: l.clock.Now, state: drill.NewState()}
	d := topology.Dataset{Name: "orders", Mode: topology.ModeAsync, Authority: "a", Regions: []string{"a", "b", "c"}}
	fleet := topology.Fleet{Datasets: []topology.Dataset{d}, Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: time.Second}}
	for _, region := range d.Regions {
		fleet.Regions = append(fleet.Regions, topology.Region{Name: region})
		l.regions[region] = &fakeRegion{slow: map[string]time.Duration{}, status: store.Status{Dataset: "orders", Region: region, Position: 9, Entries: 9, LastIn: 1}}
	}
	l.bus.Emit(drill.DrillStarted{Fleet: fleet})
	l.c = New(Config{
		Fleet: fleet, Dataset: d, StepLimit: 2 * time.Second, Exports: exports, Clock: l.clock, Bus: l.bus, IDs: &fakeIDs{},
		Ledger: ledger.New(), Topology: fakeTopology{}, Client: func(region string) Client { return l.regions[region] },
	})
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go func() {
		defer close(l.over)
		l.c.Run(ctx)
	}()
	for _, region := range d.Regions {
		l.c.Judged(exchange.Judged{Region: region, Up: true, At: l.clock.Now()})
	}
	<-l.c.Assumed()
	l.hear()
	return l
}

// hear has each region that is not silent heard of.
func (l *lab) hear() {
	for _, region := range []string{"a", "b", "c"} {
		r := l.regions[region]
		r.mu.Lock()
		s, silent := r.status, r.silent
		r.mu.Unlock()
		if !silent {
			l.c.Heard(region, s)
		}
	}
	synctest.Wait()
}

func (l *lab) down(region string) {
	r := l.regions[region]
	r.set(func() { r.silent = true })
	l.c.Judged(exchange.Judged{Region: region, At: l.clock.Now(), Why: "3 probes failed"})
	synctest.Wait()
}

// end stops the controller: Run returns, and with it everything that it began.
func (l *lab) end() {
	l.stop()
	<-l.over
}

func (l *lab) failovers() (out []drill.FailoverStaged) {
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	for _, b := range l.bus.bodies {
		if f, is := b.(drill.FailoverStaged); is {
			out = append(out, f)
		}
	}
	return out
}

// A slow switchover holds up neither a command nor a failover, and its command is answered.
func TestASlowSwitchoverHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, "")
		defer l.end()
		l.regions["a"].set(func() { l.regions["a"].status.Entries = 9000 })
		l.hear()
		answer := make(chan error, 1)
		go func() {
			answer <- l.c.Command(context.Background(), runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "b"}).Err
		}()
		time.Sleep(5 * time.Second)
		select {
		case err := <-answer:
			t.Fatalf("the switchover did not wait for b: %v", err)
		default:
		}
		asked := l.clock.Now()
		if o := l.c.Command(context.Background(), runbook.Command{Verb: runbook.VerbMode, Dataset: "orders", Mode: topology.ModeQuorum}); !o.Refused || l.clock.Now() != asked {
			t.Errorf("answered %+v after %s", o, l.clock.Now()-asked)
		}
		lost := l.clock.Now()
		l.down("a")
		if got := l.failovers(); len(got) < 2 || got[1].End != lost {
			t.Errorf("no failover was opened at once: %+v", got)
		}
		if err := <-answer; err == nil || l.clock.Now() != lost {
			t.Errorf("the switchover ended with %v, %s later", err, l.clock.Now()-lost)
		}
		time.Sleep(3 * time.Second)
		if lead, epoch := l.c.Leader(); lead == "a" || epoch < 2 {
			t.Errorf("led by %s in epoch %d", lead, epoch)
		}
	})
}

// What a region was asked ends as soon as it goes down, not when it has timed out.
func TestAStepEndsWithItsRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, "")
		defer l.end()
		l.regions["c"].set(func() { l.regions["c"].slow["fence"] = time.Hour })
		l.regions["b"].set(func() { l.regions["b"].slow["fence"] = controller.AskLimit + 200*time.Millisecond })
		l.down("a")
		time.Sleep(1200 * time.Millisecond) // the lease, then b is being fenced
		l.down("c")
		time.Sleep(time.Second)
		if lead, _ := l.c.Leader(); lead != "b" {
			t.Errorf("led by %s: b was slow and not waited for, or c was waited for", lead)
		}
	})
}

// The end of a drill waits for diverged writes that are being fetched, and for nothing
// else that is slow.
func TestTheEndWaitsForAFetch(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, dir)
		b := l.regions["b"]
		b.set(func() {
			b.slow["diverged"], b.tail = 3*time.Second, []store.Entry{{Index: 8, Epoch: 1, ID: "w8", Payload: []byte("x")}}
			b.status.Cut = &store.Cut{Entries: 1, From: 8, Exported: "in b"}
		})
		l.hear()
		time.Sleep(300 * time.Millisecond)
		l.regions["c"].set(func() { l.regions["c"].slow["reseed"] = time.Hour })
		began := l.clock.Now()
		l.end()
		if took := l.clock.Now() - began; took > 4*time.Second || b.fetched != 1 {
			t.Errorf("the end took %s, and %d tails were fetched", took, b.fetched)
		}
		if o := l.c.Command(context.Background(), runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "b"}); !errors.Is(o.Err, controller.ErrStopped) {
			t.Errorf("a command after the end: %+v", o)
		}
	})
}

// What the end of a drill breaks off is no failure of the fleet.
func TestTheEndIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for after := range 40 {
			l := newLab(t, "")
			l.down("a") // b and c are being asked, fenced, promoted
			time.Sleep(time.Duration(after) * 30 * time.Millisecond)
			l.end()
			l.bus.mu.Lock()
			for _, b := range l.bus.bodies {
				switch b := b.(type) {
				case drill.FailoverBlocked, drill.TaskFailed:
					t.Errorf("ended %d ms after the loss: %s %+v", after*30, b.Kind(), b)
				}
			}
			l.bus.mu.Unlock()
		}
	})
}

// Observations may be put in by whoever holds the event bus's lock.
func TestAVerdictUnderTheBusLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, "")
		defer l.end()
		l.bus.View(func(*drill.State) {
			l.c.Judged(exchange.Judged{Region: "b", At: l.clock.Now(), Why: "3 probes failed"})
			l.c.Acked("a", 1, l.clock.Now())
			l.c.Heard("c", store.Status{Dataset: "orders"})
		})
		l.c.Flush(context.Background())
		time.Sleep(time.Second)
		l.bus.View(func(s *drill.State) {
			if len(s.Failures) > 0 {
				t.Errorf("failed: %+v", s.Failures)
			}
		})
	})
}

// bubbleClock is the time of the bubble that a test runs in.
type bubbleClock struct{ now func() time.Duration }

func newBubbleClock(now func() time.Duration) bubbleClock { return bubbleClock{now: now} }

func (c bubbleClock) Now() time.Duration { return c.now() }

func (c bubbleClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// A brownout that lets a region's answers through is no cause of its loss; one that holds them
// back is, and counts from the last answer.
func TestABrownoutIsTheCauseOnlyWhereItHidesARegion(t *testing.T) {
	for _, c := range []struct {
		rtt   time.Duration
		fault int
	}{{100 * time.Millisecond, 0}, {400 * time.Millisecond, 5}} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, "")
			defer l.end()
			l.bus.Emit(drill.FaultProved{ID: 5, Fault: "brownout", Between: []string{"a", topology.EndControl}, Shape: topology.Shape{RTT: c.rtt}, From: l.clock.Now()})
			time.Sleep(20 * time.Second)
			l.hear()
			heard := l.clock.Now()
			time.Sleep(time.Second)
			l.down("a")
			if f := l.failovers(); len(f) == 0 || f[0].Fault != c.fault || f[0].End != heard {
				t.Errorf("%s: %+v, last heard at %s", c.rtt, f, heard)
			}
		})
	}
}
