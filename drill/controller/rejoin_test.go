package controller

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// script feeds a memory what a test says, in time that the test makes, and keeps what is
// to be done.
type script struct {
	t     *testing.T
	m     Memory
	now   time.Duration
	steps []exchange.Step
	// targets is how ready regions are said to be.
	targets []preflight.Target
}

func (s *script) observe(o exchange.Observation) []exchange.Step {
	m, steps := Decide(s.now, s.m, o)
	s.m = m
	s.steps = append(s.steps, steps...)
	for _, step := range steps {
		switch step.Kind {
		case exchange.StepNumber:
			s.observe(exchange.Done{Step: step, Number: 1})
		case exchange.StepPreflight:
			s.observe(exchange.Done{Step: step, Targets: s.targets})
		}
	}
	return steps
}

// last is the newest step of a kind at a region.
func (s *script) last(kind exchange.Kind, region string) exchange.Step {
	s.t.Helper()
	for i := len(s.steps) - 1; i >= 0; i-- {
		if s.steps[i].Kind == kind && s.steps[i].Region == region {
			return s.steps[i]
		}
	}
	s.t.Fatalf("%.3f: nobody asked for %s at %q", s.now.Seconds(), kind, region)
	return exchange.Step{}
}

// asked says whether a step of a kind at a region was asked for.
func (s *script) asked(kind exchange.Kind, region string) bool {
	for _, step := range s.steps {
		if step.Kind == kind && step.Region == region {
			return true
		}
	}
	return false
}

// done answers the newest step of a kind at a region.
func (s *script) done(kind exchange.Kind, region string, status store.Status, err error) {
	s.t.Helper()
	s.observe(exchange.Done{Step: s.last(kind, region), Status: status, Err: err})
}

func bodies[T drill.Body](s *script) (out []T) {
	for _, step := range s.steps {
		if b, is := step.Body.(T); is {
			out = append(out, b)
		}
	}
	return out
}

// answer is what came of a command; false while there is nothing.
func (s *script) answer(number uint64) (exchange.Outcome, bool) {
	for _, step := range s.steps {
		if step.Kind == exchange.StepAnswer && step.Command == number {
			return step.Outcome, true
		}
	}
	return exchange.Outcome{}, false
}

// newReturnScript is a controller of two regions, b leading, that hears only what the test
// says.
func newReturnScript(t *testing.T) *script {
	m := NewMemory(Rules{Dataset: topology.Dataset{Name: "orders", Mode: topology.ModeAsync, Authority: "b", Regions: []string{"a", "b"}},
		Policy: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: time.Second}, StepLimit: 2 * time.Second})
	m.bringUp, m.lead, m.confirmed, m.epoch, m.used = nil, "b", "b", 2, 2
	return &script{t: t, m: m}
}

func (s *script) away(region string) {
	d := &decision{now: s.now, m: s.m.clone()}
	goAway(d, d.m.of(region))
	s.m = d.m
}

// hear lets time pass, and both regions answer at its end; a, which follows, heard its
// authority as long ago as its status says, or has not if that is negative.
func (s *script) hear(after time.Duration, a *store.Status) {
	s.now += after
	s.observe(exchange.Heard{Region: "b", Status: store.Status{Dataset: "orders", Epoch: 2, Role: role.Authority, Position: 100}})
	if a != nil {
		status := *a
		status.Dataset, status.Epoch, status.Role, status.Authority = "orders", 2, role.Follower, "b"
		s.observe(exchange.Heard{Region: "a", Status: status})
	}
	s.observe(exchange.Tick{})
}

func at100() *uint64 { n := uint64(100); return &n }

// certain says why a, which answers alone, may not take over from b; "" where it may.
func (s *script) certain() string {
	_, reason := s.m.question().Certain(map[string]store.Status{"a": {Position: 60}})
	return reason
}

// What was cut is told when its replica is current at last, whatever came between.
func TestACutIsToldOnce(t *testing.T) {
	first, second := &store.Cut{Entries: 7, From: 90, Exported: "x"}, &store.Cut{Entries: 5, From: 80, Exported: "y"}
	for name, cuts := range map[string][]*store.Cut{"the process lived on": {first, first}, "it forgot": {first, nil}, "and cut again": {first, second}} {
		t.Run(name, func(t *testing.T) {
			s := newReturnScript(t)
			s.away("a")
			s.hear(time.Second, &store.Status{Position: 60, Cut: cuts[0]})
			s.observe(exchange.Conditions{Regions: []exchange.Condition{{Region: "a", Broken: true, Fault: 1}}})
			s.hear(2*FreshFor, nil)
			s.observe(exchange.Conditions{Regions: []exchange.Condition{{Region: "a"}}})
			s.hear(time.Second, &store.Status{Position: 70, Cut: cuts[1]})
			want := first.Entries
			if cuts[1] == second {
				want += second.Entries
			}
			s.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Cut: cuts[1]})
			s.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Cut: cuts[1]})
			done := bodies[drill.RejoinDone](s)
			if len(done) != 1 || done[0].Diverged != want {
				t.Errorf("%d returns, want one with %d diverged writes: %+v", len(done), want, done)
			}
		})
	}
}

// A replica that answers, but has heard nothing from its authority for long, is one that
// was left behind: async must not promote it by itself.
func TestAStalledFollowerIsLeftBehind(t *testing.T) {
	hears := func(ago time.Duration) *store.Status {
		return &store.Status{Position: 60, AuthorityPosition: at100(), Heard: ago}
	}
	for name, silent := range map[string]*store.Status{"since a while": hears(stalledAfter + time.Second), "not at all": {Position: 60}} {
		t.Run(name, func(t *testing.T) {
			s := newReturnScript(t)
			before := *silent
			before.Heard = 0
			s.hear(time.Second, &before)
			if reason := s.certain(); reason != "" {
				t.Fatalf("one that hears may not take over: %s", reason)
			}
			s.hear(stalledAfter+time.Second, silent)
			if s.certain() == "" {
				t.Error("one that heard nothing for long may take over")
			}
			s.hear(time.Second, hears(0))
			s.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100()})
			if reason := s.certain(); reason != "" {
				t.Errorf("one that hears again may not take over: %s", reason)
			}
		})
	}
}

// An authority that is lost is heard by nobody, and no follower is behind for that.
func TestALostAuthorityStallsNobody(t *testing.T) {
	s := newReturnScript(t)
	s.hear(time.Second, &store.Status{Position: 60, AuthorityPosition: at100()})
	s.now += 2 * stalledAfter
	s.observe(exchange.Heard{Region: "a", Status: store.Status{Dataset: "orders", Role: role.Follower, Authority: "b", Epoch: 2,
		Position: 60, AuthorityPosition: at100(), Heard: 2 * stalledAfter}})
	s.observe(exchange.Tick{})
	if reason := s.certain(); reason != "" {
		t.Errorf("it may not take over: %s", reason)
	}
}

// What a replica heard before it went away says nothing of what it missed: one that was
// frozen still tells of it when it goes on.
func TestAThawedReplicaIsNotCurrentYet(t *testing.T) {
	s := newReturnScript(t)
	s.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100()})
	s.away("a")
	s.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Heard: time.Second + time.Millisecond})
	if len(bodies[drill.RejoinDone](s)) != 0 {
		t.Error("it is said to be current by what it heard before it was frozen")
	}
	s.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Heard: time.Millisecond})
	if len(bodies[drill.RejoinDone](s)) != 1 {
		t.Error("it is not said to be current by what it heard since")
	}
}

// Data that could not be read is set aside by its region: where it lies is told of, since
// it can't be fetched write by write.
func TestWhatWasSetAsideIsToldOf(t *testing.T) {
	s := newReturnScript(t)
	s.m.rules.Export = true
	s.away("a")
	s.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Cut: &store.Cut{Exported: "data.aside"}})
	failed := bodies[drill.TaskFailed](s)
	if len(failed) != 1 || !strings.Contains(failed[0].Next, "data.aside") {
		t.Errorf("told of %+v", failed)
	}
	if len(bodies[drill.RejoinDone](s)) != 1 {
		t.Errorf("returns %+v", bodies[drill.RejoinDone](s))
	}
}

// A fetch that fails is tried again until it has taken too long; the rejoin waits for it.
func TestAFetchIsTriedAgain(t *testing.T) {
	s := newReturnScript(t)
	s.m.rules.Export = true
	s.away("a")
	cut := &store.Cut{Entries: 3, Exported: "in a"}
	s.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Cut: cut})
	s.done(exchange.StepFetch, "a", store.Status{}, ErrStopped)
	if len(bodies[drill.RejoinDone](s)) != 0 {
		t.Fatal("the rejoin did not wait for the fetch")
	}
	s.now += tickEvery
	s.observe(exchange.Tick{})
	s.observe(exchange.Done{Step: s.last(exchange.StepFetch, "a"), Path: "home"})
	if done := bodies[drill.RejoinDone](s); len(done) != 1 || done[0].Exported != "home" || done[0].Diverged != 3 {
		t.Errorf("returns %+v", done)
	}
}
