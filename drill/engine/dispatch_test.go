package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/conflict"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/limit"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// modelRig is every port of an action, with a second for each op of the platform.
type modelRig struct {
	port.Network

	clock    bus.Clock
	mu       sync.Mutex
	isolated map[string]bool
	impacts  []int
	ops      []string
	broken   error  // of each op from now on
	breaks   string // the op of a region that fails each time; "" is none
	// commanded is called with each command of a dataset's controller; nil for nothing.
	commanded func(runbook.Command)
	spans     [][2]time.Duration // from when impacts count, until when
}

func (m *modelRig) DoZone(ctx context.Context, zone, op string) (string, error) {
	return m.Do(ctx, zone, op)
}

func (m *modelRig) Do(ctx context.Context, region, op string) (string, error) {
	if err := m.clock.Sleep(ctx, time.Second); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return "", m.broken
	}
	if m.breaks == op+" "+region {
		return "", errors.New("the engine does not answer")
	}
	m.ops = append(m.ops, op+" "+region)
	return op + " proved", nil
}

func (m *modelRig) Isolate(_, region string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := m.isolated[region]
	m.isolated[region] = true
	return !held
}
func (m *modelRig) Lift(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.isolated, strings.TrimPrefix(name, "region "))
	if m.Network != nil {
		m.Network.Lift(name)
	}
	return true
}
func (m *modelRig) OpenImpact(command int, from time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.impacts, m.spans = append(m.impacts, command), append(m.spans, [2]time.Duration{from})
}
func (m *modelRig) CloseImpact(_ int, at time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.spans[len(m.spans)-1][1] = at
}
func (m *modelRig) SetDraining(string, bool)      {}
func (m *modelRig) Gathered(map[string]bool) bool { return true }
func (m *modelRig) Command(_ context.Context, c runbook.Command) (string, error) {
	if m.commanded != nil {
		m.commanded(c)
	}
	return "moved", nil
}

// TestASwitchoverIsHeldAgainstItsPrediction: what is predicted of a switchover is recorded as that of a kill, and held against
// the users of the time in which no write was taken; as a part of a cordon it is that one's.
func TestASwitchoverIsHeldAgainstItsPrediction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const prepared, blocked = 7 * time.Second, 200 * time.Millisecond
		d, _, m := modelDrill()
		epoch := uint64(1)
		m.commanded = func(c runbook.Command) {
			time.Sleep(prepared + blocked)
			epoch++
			d.bus.Emit(drill.SwitchoverDone{ID: int(epoch) - 1, Dataset: c.Dataset, From: "east", To: c.To, Epoch: epoch, Prepare: prepared, Blocked: blocked})
		}
		began := d.bus.Now()
		move := runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "west"}
		if err := d.begin(move, nil).run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if fenced := began + prepared; len(m.spans) != 1 || m.spans[0] != [2]time.Duration{fenced, fenced + measure.Resolution} {
			t.Errorf("users are counted over %v, from the fence at %s", m.spans, fenced)
		}
		d.state(func(s *drill.State) {
			all := measure.Predictions(s)
			if len(all) != 1 || all[0].Command.Command != move || all[0].Predicted.RTO <= 0 {
				t.Fatalf("held against predictions: %+v", all)
			}
			moved, found := all[0].Moves["orders"]
			if rto := moved.RTO(s); !found || rto != (measure.Span{D: blocked, Known: true}) {
				t.Errorf("its move is %+v, without writes for %+v", moved, rto)
			}
		})
		if err := d.part(runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "east"}).run(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.state(func(s *drill.State) {
			if len(s.Predicted) != 1 || len(m.spans) != 1 {
				t.Errorf("a part is predicted, or counted, by itself: %+v, %v", s.Predicted, m.spans)
			}
		})
	})
}

// modelDrill is a dispatcher and a runner in virtual time, over a fleet that is up. West
// and south share a cluster.
func modelDrill() (*dispatcher, *runner, *modelRig) {
	return modelDrillOf(topology.Fleet{Regions: []topology.Region{{Name: "east"}, {Name: "west", Cluster: "eu"}, {Name: "south", Cluster: "eu"}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west", "south"}}}})
}

func modelDrillOf(spec topology.Fleet) (*dispatcher, *runner, *modelRig) {
	b := bus.New(time.Now, &memoryJournal{}, nil)
	m := &modelRig{clock: b.Clock(), isolated: map[string]bool{}}
	b.Emit(drill.DrillStarted{Fleet: spec})
	for _, r := range spec.Regions {
		b.Emit(drill.RegionJudged{Region: r.Name, Up: true})
	}
	for _, d := range spec.Datasets {
		b.Emit(drill.AuthorityTook{Dataset: d.Name, Region: d.Authority, Epoch: 1})
	}
	ids := &bus.IDs{}
	d := &dispatcher{bus: b, ids: ids, spec: spec, rig: action.Rig{
		Events: b, Platform: m, Network: m, Router: m, Users: m, Data: m, Sleep: b.Clock().Sleep, FaultID: ids.Fault,
	}}
	whole := func() ([]string, int64) { return nil, 0 }
	return d, &runner{bus: b, clock: b.Clock(), dispatch: d, recovery: newRecovery(nil, nil), missing: whole}, m
}

func (d *dispatcher) state(look func(*drill.State)) { d.bus.View(look) }

// A step carries its index from the file into the journal, its prediction and its fault
// carry its command, and steps of one moment are taken in the file's order: one that works on
// what an earlier one has in use waits for it, the others don't.
func TestStepsOfOneMomentBeginInTheFilesOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, r, m := modelDrill()
		on := func(v runbook.Verb, region string) runbook.Step {
			return runbook.Step{Command: runbook.Command{Verb: v, Region: region, By: "drill"}}
		}
		plan := &runbook.Plan{End: time.Minute, Steps: []runbook.Step{
			on(runbook.VerbKill, "east"), on(runbook.VerbRestore, "east"), on(runbook.VerbFreeze, "west"), on(runbook.VerbKill, "east"),
		}}
		if err := r.guarded(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		if want := []string{"kill east", "restore east", "freeze west", "kill east"}; !slices.Equal(slices.Sorted(slices.Values(m.ops)), slices.Sorted(slices.Values(want))) {
			t.Errorf("ops %v, want %v", m.ops, want)
		}
		d.state(func(s *drill.State) {
			began := []time.Duration{0, time.Second, 0, 2 * time.Second}
			for i, c := range s.Commands {
				if c.Step == nil || *c.Step != i || c.Error != "" || c.Began != began[i] {
					t.Errorf("command %d (%s) began at %s, step %v, %s; want step %d at %s", c.ID, c.Command, c.Began, c.Step, c.Error, i, began[i])
				}
			}
			byCommand := map[int]int{}
			for _, f := range s.Faults {
				byCommand[f.Command]++
			}
			if len(s.Faults) != 4 || byCommand[1] != 1 || byCommand[3] != 2 || byCommand[4] != 1 {
				t.Errorf("faults by command: %v", byCommand)
			}
			var predicted []int
			for _, p := range s.Predicted {
				predicted = append(predicted, p.ID)
			}
			if slices.Sort(predicted); !slices.Equal(predicted, []int{1, 3, 4}) {
				t.Errorf("predictions of commands %v, want of 1, 3 and 4", predicted)
			}
		})
		if slices.Sort(m.impacts); !slices.Equal(m.impacts, []int{1, 3, 4}) {
			t.Errorf("users were counted for commands %v", m.impacts)
		}
	})
}

// What takes a cluster takes every region in it, and one restore brings all back.
func TestAFaultIsProvedForEveryRegionOfTheDomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, m := modelDrill()
		do := func(v runbook.Verb, region string) error {
			return d.begin(runbook.Command{Verb: v, Region: region}, nil).run(t.Context())
		}
		if err := do(runbook.VerbKill, "west"); err != nil {
			t.Fatal(err)
		}
		d.state(func(s *drill.State) {
			for region, down := range map[string]bool{"east": false, "west": true, "south": true} {
				if f := s.Region(region).Fault; (f != nil) != down || m.isolated[region] != down {
					t.Errorf("%s: fault %v, isolated %v", region, f, m.isolated[region])
				}
			}
		})
		if err := do(runbook.VerbFreeze, "south"); err == nil || err.Error() != "south is killed; restore it first" {
			t.Errorf("freeze south: %v", err)
		}
		if err := do(runbook.VerbRestore, "south"); err != nil {
			t.Fatal(err)
		}
		d.state(func(s *drill.State) {
			if s.Region("west").Fault != nil || s.Region("south").Fault != nil || len(m.isolated) != 0 {
				t.Errorf("still broken: isolated %v", m.isolated)
			}
		})
		if want := []string{"kill west", "restore south"}; !slices.Equal(m.ops, want) {
			t.Errorf("the platform did %v, want %v", m.ops, want)
		}
	})
}

// A command about something that another one works on is refused at once, and what it
// worked on is free by the time that it is known to be done.
func TestACommandIsRefusedWhileAnotherWorksOnTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, _ := modelDrill()
		first := d.begin(runbook.Command{Verb: runbook.VerbKill, Region: "east"}, nil)
		var all sync.WaitGroup
		all.Go(func() { _ = first.run(t.Context()) })
		err := d.begin(runbook.Command{Verb: runbook.VerbFreeze, Region: "east"}, nil).run(t.Context())
		if err == nil || err.Error() != "“kill east” is still under way; wait until it is done" {
			t.Errorf("freeze: %v", err)
		}
		if err := d.bus.Wait(t.Context(), func(s *drill.State) bool { return s.Command(1).Ended != nil }); err != nil {
			t.Fatal(err)
		}
		if err := d.begin(runbook.Command{Verb: runbook.VerbRestore, Region: "east"}, nil).run(t.Context()); err != nil {
			t.Error(err)
		}
		all.Wait()
	})
}

// A region that is only cut off is refused a restore; an abort takes back all that holds,
// each command's faults once.
func TestARegionThatIsCutOffIsNotRestored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, m := modelDrill()
		d.bus.Emit(drill.FaultProved{ID: d.ids.Fault(), Command: 50, Fault: drill.FaultPartition, Between: []string{"east", topology.EndOthers}})
		d.bus.Emit(drill.RegionJudged{Region: "east"})
		err := d.begin(runbook.Command{Verb: runbook.VerbRestore, Region: "east"}, nil).run(t.Context())
		if err == nil || err.Error() != "east is cut off, not broken; heal the partition" || len(m.ops) != 0 {
			t.Errorf("%v, ops %v", err, m.ops)
		}
		_ = d.begin(runbook.Command{Verb: runbook.VerbKill, Region: "west"}, nil).run(t.Context())
		d.bus.Emit(drill.RegionCordoned{Region: "south", On: true})
		var lifting []string
		d.state(func(s *drill.State) {
			for _, c := range action.Lifting(s, "drill") {
				lifting = append(lifting, c.String())
			}
		})
		if want := []string{"restore south", "heal east and others", "uncordon south"}; !slices.Equal(lifting, want) {
			t.Errorf("lifting %v, want %v", lifting, want)
		}
	})
}

// A wait ends with the event that makes its condition true.
func TestAWaitHoldsTheStepsAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, r, _ := modelDrill()
		plan := &runbook.Plan{End: 2 * time.Second, Steps: []runbook.Step{
			{Command: runbook.Command{Verb: runbook.VerbKill, Region: "west"}},
			{Command: runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitRecovered}},
			{At: time.Second, Command: runbook.Command{Verb: runbook.VerbNote, Text: "after"}},
		}}
		var all sync.WaitGroup
		all.Go(func() {
			time.Sleep(7 * time.Second)
			for _, fault := range []int{1, 2} {
				d.bus.Emit(drill.Recovered{Fault: fault})
			}
		})
		if err := r.guarded(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		d.state(func(s *drill.State) {
			if at := s.Notes[0].T; at != 8*time.Second {
				t.Errorf("the step after the wait came at %s, want 8 s", at)
			}
			if s.Now != 8*time.Second || d.bus.Now() != 9*time.Second {
				t.Errorf("ended at %s", d.bus.Now())
			}
		})
	})
}

// Two kills of one cluster at the same moment are one kill: the second one waits for the
// first, is refused, and leaves the silence of the first as it is.
func TestTwoKillsOfOneDomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, r, m := modelDrill()
		plan := &runbook.Plan{End: 5 * time.Second, Steps: []runbook.Step{
			{Command: runbook.Command{Verb: runbook.VerbKill, Region: "west"}},
			{Command: runbook.Command{Verb: runbook.VerbKill, Region: "south"}},
		}}
		if err := r.guarded(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.ops, []string{"kill west"}) || !m.isolated["west"] || !m.isolated["south"] {
			t.Errorf("ops %v, isolated %v", m.ops, m.isolated)
		}
		d.state(func(s *drill.State) {
			if c := s.Commands[1]; !c.Refused || c.Error != "south is killed" || len(s.Faults) != 2 {
				t.Errorf("the second kill: %q, %d faults", c.Error, len(s.Faults))
			}
		})
	})
}

// A kill that went wrong opens the links that it silenced, and no others.
func TestAFailedKillLeavesOthersSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, m := modelDrill()
		m.isolated["south"], m.broken = true, errors.New("the engine does not answer")
		if err := d.begin(runbook.Command{Verb: runbook.VerbKill, Region: "west"}, nil).run(t.Context()); err == nil {
			t.Fatal("the kill is done")
		}
		if m.isolated["west"] || !m.isolated["south"] {
			t.Errorf("isolated %v, want south alone", m.isolated)
		}
	})
}

// Success that falls too low while only the last commands are under way aborts the drill as
// it does before.
func TestTheGuardHoldsUntilTheLastCommandIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, r, _ := modelDrill()
		plan := &runbook.Plan{Steps: []runbook.Step{{Command: runbook.Command{Verb: runbook.VerbKill, Region: "east"}}}}
		var all sync.WaitGroup
		all.Go(func() {
			time.Sleep(500 * time.Millisecond)
			r.recovery.cross(limit.TooLow(runbook.Abort{SuccessBelow: 0.5, For: time.Second}))
		})
		if err := r.guarded(t.Context(), plan); !errors.Is(err, errAborted) || strings.Contains(err.Error(), "aborted") {
			t.Errorf("%v, want the abort, without the verdict's word", err)
		}
		all.Wait()
	})
}

// noMeter measures that nobody asks.
type noMeter struct{}

func (noMeter) StartSteady()                        {}
func (noMeter) EndSteady() (float64, int, []string) { return 1, 1, nil }

// allWhole says that every replica has its data.
func allWhole() ([]string, int64) { return nil, 0 }

// A fleet whose replica is still copied is not steady, however well its users are served: it
// is waited for as long as bytes move, and then named.
func TestSteadyWaitsForReplicas(t *testing.T) {
	for name, c := range map[string]struct {
		until, stands time.Duration // when it is whole, and from when no byte moves
		met           bool
	}{
		"whole at once":                 {0, 0, true},
		"copied over a narrow link":     {5 * time.Minute, 5 * time.Minute, true},
		"a copy that goes on no longer": {time.Hour, 2 * time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, r, _ := modelDrill()
				r.users = noMeter{}
				began := time.Now()
				m, err := r.steady(t.Context(), runbook.Steady{}, nil, func() ([]string, int64) {
					at := time.Since(began)
					if at >= c.until {
						return nil, int64(c.until)
					}
					return []string{"orders of b is being copied"}, int64(min(at, c.stands))
				})
				if err != nil || m.Met != c.met || (len(m.Missing) == 0) != c.met {
					t.Errorf("%+v, %v", m, err)
				}
				if took, most := time.Since(began), min(c.until, c.stands)+settleLimit+copyLimit; took < min(c.until, c.stands) || took > most {
					t.Errorf("it took %s, want %s to %s", took, min(c.until, c.stands), most)
				}
			})
		})
	}
}

// What the platform can't do is refused by the rule, before a link is touched or anything is
// predicted.
func TestWhatThePlatformCannotDoIsRefusedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, r, m := modelDrill()
		r.limits, r.users = limits(&labFleet{}), noMeter{}
		if _, err := r.steady(t.Context(), runbook.Steady{}, nil, allWhole); err != nil {
			t.Fatal(err)
		}
		err := d.begin(runbook.Command{Verb: runbook.VerbFreeze, Region: "west"}, nil).run(t.Context())
		var refused *rule.Refusal
		if !errors.As(err, &refused) || refused.Why != "a lab can't freeze" || refused.Next != "kill it" {
			t.Errorf("%v", err)
		}
		d.state(func(s *drill.State) {
			if len(s.Predicted) != 0 || len(m.ops) != 0 || len(m.isolated) != 0 {
				t.Errorf("predictions %v, ops %v, isolated %v of what was refused", s.Predicted, m.ops, m.isolated)
			}
		})
	})
}

// Who is refused by the dispatcher reads what who is refused by the screen reads.
func TestInUseIsOneRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, _ := modelDrill()
		first, second := runbook.Command{Verb: runbook.VerbKill, Region: "west"}, runbook.Command{Verb: runbook.VerbKill, Region: "south"}
		kill := d.begin(first, nil)
		var shown *rule.Refusal
		d.state(func(s *drill.State) { shown = conflict.InUse(s, second) })
		err := d.begin(second, nil).run(t.Context())
		if shown == nil || err == nil || err.Error() != shown.Error() {
			t.Errorf("the screen reads %q, the journal %q", shown, err)
		}
		_ = kill.run(t.Context())
	})
}

func (m *modelRig) Scale(ctx context.Context, region string, replicas int) (string, error) {
	return m.Do(ctx, region, fmt.Sprintf("scale to %d", replicas))
}
