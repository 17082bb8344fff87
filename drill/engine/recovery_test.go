package engine

import (
	"maps"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// window is one sample of all traffic.
func window(ok, failed, hurt int) drill.TrafficSampled {
	return drill.TrafficSampled{Window: 500 * time.Millisecond, Populations: []telemetry.Population{
		{Population: "all", Requests: ok + failed, OK: ok, Failed: failed, AffectedNow: hurt},
	}}
}

// recoveryLab is a recovery over a state, and what it emitted.
type recoveryLab struct {
	recovery  *recovery
	state     *drill.State
	recovered []drill.Recovered
	at        time.Duration // the clock
}

func newRecoveryLab(timeout time.Duration) *recoveryLab {
	l := &recoveryLab{state: drill.NewState(), recovery: newRecovery([]topology.Population{{Timeout: timeout}}, nil)}
	l.recovery.emit = l.emit
	l.recovery.view = func(look func(*drill.State)) { look(l.state) }
	return l
}

func (l *recoveryLab) emit(b drill.Body) drill.Event {
	e := drill.Event{Seq: l.state.LastSeq + 1, T: l.at, Body: b}
	l.state.Apply(e)
	if b, ok := b.(drill.Recovered); ok {
		l.recovered = append(l.recovered, b)
	}
	return e
}

func TestRecoveredOnlyAfterCalm(t *testing.T) {
	good, bad, slow, silent := window(50, 0, 0), window(10, 40, 20), window(50, 0, 9), window(0, 0, 0)
	one, none, stall := window(1, 0, 0), window(0, 1, 1), window(0, 0, 1)
	tests := []struct {
		name    string
		windows []drill.TrafficSampled
		want    time.Duration // since when; 0 is never
	}{
		{"never hurt", []drill.TrafficSampled{good, good, good, good, good}, 10 * time.Second},
		{"two bad windows", []drill.TrafficSampled{bad, bad, good, good, good, good, good}, 11 * time.Second},
		{"good for too short", []drill.TrafficSampled{bad, good, good, good}, 0},
		{"a bad one starts it anew", []drill.TrafficSampled{good, good, good, bad, good, good, good, good}, 12 * time.Second},
		{"served, if slowly", []drill.TrafficSampled{bad, slow, slow, slow, slow, slow}, 10500 * time.Millisecond},
		{"silence is no success", []drill.TrafficSampled{silent, silent, silent, silent, silent}, 0},
		{"few ask, now and then", []drill.TrafficSampled{none, one, silent, one, silent, silent, one, one, one}, 10500 * time.Millisecond},
		{"too few to say so", []drill.TrafficSampled{none, one, silent, one, silent, silent, one, one, silent, silent}, 0},
		{"few ask, and one fails", []drill.TrafficSampled{one, one, one, silent, none, one, one, one, one, silent}, 0},
		{"few ask, and one waits", []drill.TrafficSampled{one, one, one, one, stall, silent, silent, silent, silent, one}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newRecoveryLab(1500 * time.Millisecond)
			r := l.recovery
			l.emit(drill.FaultProved{ID: 1, Command: 1, Region: "a", Fault: drill.FaultKill, From: 10 * time.Second})
			for i, w := range tt.windows {
				r.sampled(10*time.Second+time.Duration(i+1)*w.Window, w)
			}
			if tt.want == 0 {
				if len(l.recovered) != 0 {
					t.Fatalf("recovered: %v", l.recovered)
				}
				return
			}
			if len(l.recovered) != 1 {
				t.Fatalf("%d events, want one", len(l.recovered))
			}
			if got := l.recovered[0]; got.Since != tt.want || got.Fault != 1 {
				t.Errorf("recovered since %s, want %s", got.Since, tt.want)
			}
		})
	}
}

// A second fault before the first was recovered from does not take its place, and a
// fault that is proved late has not undone what succeeded since it began.
func TestEveryFaultIsRecoveredFrom(t *testing.T) {
	l := newRecoveryLab(500 * time.Millisecond)
	r := l.recovery
	commands := map[int]time.Duration{}
	r.recovered = func(command int, since time.Duration) { commands[command] = since }
	at := 10 * time.Second
	pass := func(w drill.TrafficSampled) {
		at += w.Window
		r.sampled(at, w)
	}
	pass(window(10, 40, 20))
	l.emit(drill.FaultProved{ID: 1, Command: 7, Region: "a", Fault: drill.FaultKill, From: 10 * time.Second})
	pass(window(10, 40, 20))
	for range 4 {
		pass(window(50, 0, 0))
		if len(l.recovered) == 0 && at == 11500*time.Millisecond {
			// Proved 300 ms later.
			l.emit(drill.FaultProved{ID: 2, Command: 9, Region: "b", Fault: drill.FaultKill, From: 11200 * time.Millisecond})
		}
	}
	got := map[int]time.Duration{}
	for _, b := range l.recovered {
		got[b.Fault] = b.Since
	}
	if len(got) != 2 || got[1] != 11*time.Second || got[2] != 11200*time.Millisecond {
		t.Errorf("recovered from %v, want since 11 s, and the second since it began", got)
	}
	if len(commands) != 2 || commands[7] != 11*time.Second || commands[9] != 11700*time.Millisecond {
		t.Errorf("commands %v, want 7 since 11 s, and 9 counted for a window", commands)
	}
}

// A lost hub hurts writers once leases are over, and not before: until then nobody has recovered from it.
func TestAHubsLossIsNotOverWhileLeasesLast(t *testing.T) {
	l := newRecoveryLab(500 * time.Millisecond)
	fleet := topology.Fleet{Name: "lab", Hub: &topology.Hub{Name: "hub"}, Failover: topology.FailoverPolicy{Fence: true, Lease: 4 * time.Second}}
	l.emit(drill.DrillStarted{Fleet: fleet})
	l.at = 10 * time.Second
	l.emit(drill.FaultProved{ID: 1, Command: 1, Region: "hub", Fault: drill.FaultKill, From: l.at})
	pass := func(w drill.TrafficSampled, n int) {
		for range n {
			l.at += w.Window
			l.emit(w)
			l.recovery.sampled(l.at, w)
		}
	}
	pass(window(50, 0, 0), 8)
	if len(l.recovered) != 0 {
		t.Fatalf("recovered from while leases lasted: %+v", l.recovered)
	}
	pass(window(10, 40, 20), 2)
	l.emit(drill.RegionJudged{Region: "hub"})
	l.emit(drill.FaultLifted{ID: 1, Region: "hub"})
	pass(window(50, 0, 0), 4)
	if len(l.recovered) != 0 {
		t.Fatalf("recovered from before the hub was found back: %+v", l.recovered)
	}
	l.emit(drill.RegionJudged{Region: "hub", Up: true})
	pass(window(50, 0, 0), 1)
	if len(l.recovered) != 1 || l.recovered[0].Since != 15*time.Second {
		t.Errorf("recovered %+v, want since 15 s", l.recovered)
	}
}

// A fault is judged by itself: what was good until another began counts for it, unless requests of
// that time turn out bad afterwards, or it was not answered by then; what is slow is no recovery
// while it lasts, nor once the fault is lifted, but for what a move of the data costs.
func TestEachFaultIsJudgedByItself(t *testing.T) {
	const good, bad, slow, strays = "good", "bad", "slow", "strays"
	region := func(name string, up bool) drill.RegionJudged { return drill.RegionJudged{Region: name, Up: up} }
	kill := func(id int, name string, from time.Duration) drill.FaultProved {
		return drill.FaultProved{ID: id, Command: id, Region: name, Fault: drill.FaultKill, From: from}
	}
	type moment struct {
		after time.Duration // the window that ends then
		do    drill.Body
	}
	s := func(x float64) time.Duration { return time.Duration(x * float64(time.Second)) }
	type runs []struct {
		how string
		n   int // windows of half a second, from 10 s on
	}
	tests := []struct {
		name    string
		events  []moment
		windows runs
		want    map[int]time.Duration // since when, by fault
		slowly  int                   // a fault under which requests are said to be slow
	}{
		{"another fault within the hold",
			[]moment{{s(11), kill(1, "a", s(10))}, {s(14), drill.FaultBegun(kill(2, "b", s(14)))}, {s(14.2), kill(2, "b", s(14))}},
			runs{{bad, 4}, {good, 4}, {bad, 4}, {good, 6}}, map[int]time.Duration{1: s(12), 2: s(16)}, 0},
		{"another one, which is not proved when the first is known to be over",
			[]moment{{s(11), kill(1, "a", s(10))}, {s(14), drill.FaultBegun(kill(2, "b", s(14)))}},
			runs{{bad, 4}, {good, 4}, {bad, 6}}, map[int]time.Duration{1: s(12)}, 0},
		{"requests of before another fault fail after it",
			[]moment{{s(11), kill(1, "a", s(10))}, {s(14), drill.FaultBegun(kill(2, "b", s(14)))}, {s(14.2), kill(2, "b", s(14))}},
			runs{{bad, 4}, {good, 4}, {strays, 4}, {good, 6}}, map[int]time.Duration{1: s(16), 2: s(16)}, 0},
		{"not answered when another began",
			[]moment{{s(10), region("a", true)}, {s(10.2), kill(1, "a", s(10))}, {s(11), drill.FaultBegun(kill(2, "a", s(11)))}, {s(11.2), kill(2, "a", s(11))}, {s(13), region("a", false)}},
			runs{{good, 2}, {bad, 4}, {good, 6}}, map[int]time.Duration{1: s(13), 2: s(13)}, 0},
		{"bad again by itself, and another after that",
			[]moment{{s(11), kill(1, "a", s(10))}, {s(14.7), kill(2, "b", s(14.5))}},
			runs{{bad, 4}, {good, 4}, {bad, 4}, {good, 6}}, map[int]time.Duration{1: s(16), 2: s(16)}, 0},
		{"a harmless one",
			[]moment{{s(11), kill(1, "a", s(10))}, {s(13.2), kill(2, "b", s(13))}},
			runs{{bad, 4}, {good, 8}}, map[int]time.Duration{1: s(12), 2: s(13)}, 0},
		{"slow for a while",
			[]moment{{s(10.2), kill(1, "a", s(10))}},
			runs{{slow, 3}, {good, 6}}, map[int]time.Duration{1: s(11.5)}, 0},
		{"slow as long as it holds",
			[]moment{{s(10.2), kill(1, "a", s(10))}, {s(16), drill.FaultLifted{ID: 1, Region: "a"}}},
			runs{{bad, 2}, {slow, 10}, {good, 6}}, map[int]time.Duration{1: s(16)}, 1},
		{"slow for a while longer",
			[]moment{{s(10.2), kill(1, "a", s(10))}, {s(15), drill.FaultLifted{ID: 1, Region: "a"}}},
			runs{{bad, 2}, {slow, 10}, {good, 6}}, map[int]time.Duration{1: s(16)}, 1},
		{"slow for good, since the data has moved",
			[]moment{{s(10.2), kill(1, "a", s(10))}, {s(11), drill.FailoverStaged{ID: 1, Dataset: "orders", From: "a", To: "b", Cause: "fault", Fault: 1, Stage: drill.StagePromote, End: s(11)}},
				{s(11), drill.FailoverStaged{ID: 1, Dataset: "orders", From: "a", To: "b", Cause: "fault", Fault: 1, Stage: drill.StageReroute, End: s(11)}},
				{s(15), drill.FaultLifted{ID: 1, Region: "a"}}},
			runs{{bad, 2}, {slow, 18}}, map[int]time.Duration{1: s(15)}, 1},
		{"a brownout that nobody notices",
			[]moment{{s(10.2), drill.FaultProved{ID: 1, Command: 1, Fault: "brownout", Between: []string{"a", "b"}, Shape: topology.Shape{RTT: time.Second}, From: s(10)}}},
			runs{{good, 8}}, map[int]time.Duration{1: s(10)}, 0},
		{"a brownout that all notice",
			[]moment{{s(10.2), drill.FaultProved{ID: 1, Command: 1, Fault: "brownout", Between: []string{"a", "b"}, Shape: topology.Shape{RTT: time.Second}, From: s(10)}}},
			runs{{slow, 12}}, map[int]time.Duration{}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newRecoveryLab(2 * time.Second)
			l.emit(drill.DrillStarted{Fleet: topology.Fleet{
				Regions: []topology.Region{{Name: "a"}, {Name: "b"}}, Datasets: []topology.Dataset{{Name: "orders", Authority: "a", Regions: []string{"a", "b"}}}}})
			at := s(10)
			for _, part := range tt.windows {
				for range part.n {
					for len(tt.events) > 0 && tt.events[0].after <= at {
						l.at = tt.events[0].after
						l.emit(tt.events[0].do)
						tt.events = tt.events[1:]
					}
					at += 500 * time.Millisecond
					w := window(50, 0, 0)
					p := &w.Populations[0]
					limit := 100 * time.Millisecond
					p.Slow = &limit
					switch part.how {
					case bad:
						p.OK, p.Failed, p.BadSince = 10, 40, at-510*time.Millisecond
					case strays:
						p.OK, p.Failed, p.BadSince = 10, 40, at-1500*time.Millisecond
					case slow:
						p.Slowed, p.BadSince = 20, at-610*time.Millisecond
					}
					l.at = at
					l.recovery.sampled(at, w)
				}
			}
			got, slowly := map[int]time.Duration{}, 0
			for _, b := range l.recovered {
				if b.Slowly {
					slowly = b.Fault
				} else {
					got[b.Fault] = b.Since
				}
			}
			if !maps.Equal(got, tt.want) || slowly != tt.slowly {
				t.Errorf("recovered since %v, want %v; served slowly under fault %d, want %d", got, tt.want, slowly, tt.slowly)
			}
		})
	}
}

// A command's numbers stand still, tentatively, once requests are good again, and its impact is closed once
// users have recovered from all of its faults.
func TestACommandSeemsOverOnceRequestsAreGood(t *testing.T) {
	l := newRecoveryLab(1500 * time.Millisecond)
	closed := map[int]time.Duration{}
	l.recovery.recovered = func(command int, since time.Duration) { closed[command] = since }
	for id, region := range []string{"a", "b"} {
		l.emit(drill.FaultProved{ID: id + 1, Command: 7, Region: region, Fault: drill.FaultKill, From: 10 * time.Second})
	}
	at := 10 * time.Second
	for i, w := range []struct {
		drill.TrafficSampled
		over time.Duration // 0 is not named
	}{
		{window(10, 40, 20), 0}, {window(50, 0, 0), 10500 * time.Millisecond}, {window(50, 0, 0), 10500 * time.Millisecond},
		{window(10, 40, 0), 0}, {window(50, 0, 0), 12 * time.Second}, {window(50, 0, 0), 12 * time.Second}, {window(50, 0, 0), 12 * time.Second}, {window(50, 0, 0), 0},
	} {
		at += 500 * time.Millisecond
		over := l.recovery.sampled(at, w.TrafficSampled)
		if got := over[7]; got != w.over {
			t.Errorf("window %d: over since %s, want %s", i, got, w.over)
		}
	}
	if len(closed) != 1 || closed[7] != 12*time.Second || len(l.recovered) != 2 {
		t.Errorf("closed %v, recovered %v", closed, l.recovered)
	}
}

// Where few ask, a window in which nobody did does not take back that all who asked before it failed.
func TestSilenceBetweenFailuresKeepsTheGuard(t *testing.T) {
	l := newRecoveryLab(500 * time.Millisecond)
	l.recovery.abort = runbook.Abort{SuccessBelow: 0.5, For: 2 * time.Second}
	aborted := time.Duration(0)
	at := 10 * time.Second
	l.recovery.guard(func(drill.LimitCrossed) { aborted = max(aborted, at) })
	fails, silent, well := window(0, 1, 1), window(0, 0, 0), window(1, 0, 0)
	pass := func(windows ...drill.TrafficSampled) {
		for _, w := range windows {
			at += w.Window
			l.recovery.sampled(at, w)
		}
	}
	pass(fails, silent, silent, fails, well, silent, silent, silent, silent, silent)
	if aborted != 0 {
		t.Fatalf("aborted at %s, after a request that succeeded", aborted)
	}
	pass(fails, silent, fails, silent, fails)
	if aborted != at {
		t.Errorf("aborted at %s, want %s: nobody was answered for 2 s", aborted, at)
	}
}

// A population that gets nothing has not recovered because the others, who are a hundred times as many, have.
func TestSmallPopulationIsNotForgotten(t *testing.T) {
	for _, tt := range []struct {
		name            string
		ok, failed      int
		slow, recovered int
	}{
		{"all of it fails", 0, 2, 0, 0},
		{"all of it is slow", 2, 0, 2, 1},
		{"one fails", 1, 1, 0, 1},
		{"it is served", 2, 0, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newRecoveryLab(1500 * time.Millisecond)
			l.emit(drill.FaultProved{ID: 1, Command: 1, Region: "a", Fault: drill.FaultKill, From: 10 * time.Second})
			w := window(400, 0, 0)
			w.Populations = append(w.Populations, window(tt.ok, tt.failed, tt.slow).Populations...)
			w.Populations[1].Slowed = tt.slow
			for i := range 6 {
				l.recovery.sampled(10*time.Second+time.Duration(i+1)*w.Window, w)
			}
			if len(l.recovered) != tt.recovered {
				t.Fatalf("recovered: %v", l.recovered)
			}
			if tt.recovered > 0 && l.recovered[0].Slowly != (tt.slow > 0) {
				t.Errorf("slowly is %v", l.recovered[0].Slowly)
			}
		})
	}
}
