package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// modelLinks is links in virtual time, all of one round trip, that can be silenced.
type modelLinks struct {
	clock bus.Clock
	rtt   time.Duration
	mu    sync.Mutex
	holds map[string][][2]string
}

func (l *modelLinks) Isolate(string, string) bool { return true }
func (l *modelLinks) Silence(name string, ways [][2]string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holds[name] = ways
	return nil
}
func (l *modelLinks) Reshape(string, [][2]string, topology.Shape) error { return nil }
func (l *modelLinks) Lift(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.holds, name)
	return true
}
func (l *modelLinks) Silent(a, b string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ways := range l.holds {
		if slices.Contains(ways, [2]string{a, b}) || slices.Contains(ways, [2]string{b, a}) {
			return true
		}
	}
	return false
}
func (l *modelLinks) answer(ctx context.Context, a, b string, trips, within time.Duration) (time.Duration, bool, error) {
	took := trips * l.rtt
	if l.Silent(a, b) {
		if err := l.clock.Sleep(ctx, within); err != nil {
			return 0, false, err
		}
		return within, true, errors.New("timeout")
	}
	return took, false, l.clock.Sleep(ctx, took)
}
func (l *modelLinks) Probe(ctx context.Context, a, b string, within time.Duration) (time.Duration, bool, error) {
	return l.answer(ctx, a, b, 2, within)
}
func (l *modelLinks) Line(a, b string) (gauge.Ask, func()) {
	return func(ctx context.Context, _, _ int, within time.Duration) (time.Duration, bool, error) {
		return l.answer(ctx, a, b, 1, within)
	}, func() {}
}
func (l *modelLinks) Shape(string, string) topology.Shape { return topology.Shape{RTT: l.rtt} }
func (l *modelLinks) Passed(string, string) uint64        { return 0 }
func (l *modelLinks) Resent(string, string) uint64        { return 0 }
func (l *modelLinks) UserBytes(string) uint64             { return 0 }

// fieldCase carries out a drill file in virtual time, over a model of its fleet, and returns
// what came of it. What the file check takes, the engine does.
func fieldCase(t *testing.T, name string, then func(*drill.State, *modelRig)) {
	plan, fleet, err := scenario.LoadDrill("testdata/" + name + ".drill.yaml")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		d, r, m := modelDrillOf(fleet)
		m.Network = &modelLinks{clock: m.clock, rtt: 80 * time.Millisecond, holds: map[string][][2]string{}}
		if err := r.guarded(t.Context(), &plan); err != nil {
			t.Fatal(err)
		}
		d.state(func(s *drill.State) {
			for _, c := range s.Commands {
				if c.Ended == nil || c.Error != "" {
					t.Errorf("%s: %v, %q", c.Command, c.Ended, c.Error)
				}
			}
			if len(s.Proving) != 0 {
				t.Errorf("still being proved: %v", s.Proving)
			}
			then(s, m)
		})
	})
}

// Steps of one moment are done in the file's order, and one waits for what it undoes.
func TestWhatIsBrokenIsMendedInTheSameMoment(t *testing.T) {
	fieldCase(t, "same-moment", func(s *drill.State, m *modelRig) {
		want := []string{"kill ap-south", "restore ap-south", "freeze eu-west", "restore eu-west", "cordon us-east", "uncordon us-east"}
		if !slices.Equal(m.ops, want) {
			t.Errorf("ops %v, want %v", m.ops, want)
		}
		if s.Region("us-east").Cordoned {
			t.Error("us-east stays cordoned")
		}
	})
}

// A heal waits for the cut that it mends, which is proved within 300 ms beyond the round trip.
func TestAHealWaitsForItsCut(t *testing.T) {
	fieldCase(t, "heal-soon-after-the-cut", func(s *drill.State, _ *modelRig) {
		f, heal := s.Faults[0], s.Commands[1]
		if took := f.Proved - f.From; took > 380*time.Millisecond {
			t.Errorf("the cut was proved after %s", took)
		}
		if f.Lifted == nil || heal.Began != f.Proved || heal.After != 0 {
			t.Errorf("heal began at %s, the cut was proved at %s and lifted at %v", heal.Began, f.Proved, f.Lifted)
		}
	})
}

// Two cuts of one link are each lifted by itself, whatever happens behind them.
func TestTwoCutsAreLiftedByThemselves(t *testing.T) {
	fieldCase(t, "two-cuts", func(s *drill.State, m *modelRig) {
		wide, narrow := s.Faults[0], s.Faults[1]
		if *wide.Lifted < 14*time.Second || *wide.Lifted > 15*time.Second || *narrow.Lifted < 20*time.Second {
			t.Errorf("lifted at %s and %s", *wide.Lifted, *narrow.Lifted)
		}
		if proof := s.Commands[4].Proof; !strings.Contains(proof, "us-east–eu-west stays silent") || !strings.Contains(proof, "us-east–ap-south answers") {
			t.Errorf("the first heal: %q", proof)
		}
		if !slices.Equal(m.ops, []string{"kill us-east", "restore us-east"}) || m.Silent("us-east", "eu-west") {
			t.Errorf("ops %v", m.ops)
		}
	})
}

// A person's command that takes back one under way waits for it; asked for twice, the second
// one is refused.
func TestAnUndoOfWhatIsUnderWayIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, m := modelDrill()
		kill, restore := runbook.Command{Verb: runbook.VerbKill, Region: "east"}, runbook.Command{Verb: runbook.VerbRestore, Region: "east"}
		var all sync.WaitGroup
		for _, w := range []*work{d.begin(kill, nil), d.begin(restore, nil)} {
			all.Go(func() { _ = w.run(t.Context()) })
		}
		if err := d.begin(restore, nil).run(t.Context()); err == nil || err.Error() != "“restore east” is still under way; wait until it is done" {
			t.Errorf("a second restore: %v", err)
		}
		all.Wait()
		d.state(func(s *drill.State) {
			if !slices.Equal(m.ops, []string{"kill east", "restore east"}) || s.Commands[1].Error != "" || s.Region("east").Fault != nil {
				t.Errorf("ops %v, restore: %q", m.ops, s.Commands[1].Error)
			}
		})
	})
}

// A drill that is called off lifts all that holds, waits until the fleet is as before or a limit
// is over, checks the ledgers, and says it.
func TestADrillThatIsCalledOffSaysWhetherTheFleetCameBack(t *testing.T) {
	for _, back := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			d, r, m := modelDrill()
			checked := ""
			r.finish, r.quiet, r.audit = func(context.Context) { checked += "finish " }, func() { checked += "quiet " }, func(context.Context) { checked += "audit" }
			if err := d.begin(runbook.Command{Verb: runbook.VerbKill, Region: "east"}, nil).run(t.Context()); err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			all.Go(func() {
				time.Sleep(5 * time.Second)
				if back {
					d.bus.Emit(drill.Recovered{Fault: 1})
				}
			})
			said := r.callOff(t.Context())
			all.Wait()
			want := "; the fleet came back 4.0 s after all was lifted"
			if !back {
				want = "; the fleet did not come back within 1m 00s: users are not served as before"
			}
			if said != want || checked != "finish quiet audit" || !slices.Equal(m.ops, []string{"kill east", "restore east"}) {
				t.Errorf("%q, want %q; checked %q, ops %v", said, want, checked, m.ops)
			}
			d.state(func(s *drill.State) {
				if s.Returned == nil || s.Returned.Returned != back || back != (len(s.Returned.Missing) == 0) {
					t.Errorf("%+v", s.Returned)
				}
			})
		})
	}
}

// What comes to hold while a drill that was called off lifts its faults is lifted too, and what
// can't be lifted holds up nothing for good.
func TestWhatBreaksWhileAllIsLiftedIsLiftedToo(t *testing.T) {
	for _, refuses := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			d, r, m := modelDrill()
			if err := d.begin(runbook.Command{Verb: runbook.VerbKill, Region: "east"}, nil).run(t.Context()); err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			all.Go(func() {
				time.Sleep(500 * time.Millisecond) // east is being restored
				_ = d.begin(runbook.Command{Verb: runbook.VerbKill, Region: "west"}, nil).run(t.Context())
				if refuses {
					m.mu.Lock()
					m.broken = errors.New("no")
					m.mu.Unlock()
				}
			})
			r.restoreAll(t.Context())
			all.Wait()
			want := []string{"kill east", "restore east", "kill west", "restore south"} // one cluster
			if refuses {
				want = want[:3]
			}
			if !slices.Equal(m.ops, want) {
				t.Errorf("ops %v, want %v", m.ops, want)
			}
			d.state(func(s *drill.State) {
				if left := len(action.Lifting(s, "")); (left == 0) == refuses {
					t.Errorf("%d are left to lift", left)
				}
			})
		})
	}
}
