package engine

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// window is one sample of all traffic.
func window(ok, failed, hurt int) drill.TrafficSampled {
	return drill.TrafficSampled{Window: 500 * time.Millisecond, Populations: []drill.PopulationSample{
		{Population: "all", Requests: ok + failed, OK: ok, Failed: failed, AffectedNow: hurt},
	}}
}

// recoveryLab is a recovery over a state, and what it emitted.
type recoveryLab struct {
	recovery  *recovery
	state     *drill.State
	recovered []drill.Recovered
}

func newRecoveryLab(timeout time.Duration) *recoveryLab {
	l := &recoveryLab{state: drill.NewState(), recovery: newRecovery([]topology.Population{{Timeout: timeout}}, nil)}
	l.recovery.emit = l.emit
	l.recovery.view = func(look func(*drill.State)) { look(l.state) }
	return l
}

func (l *recoveryLab) emit(b drill.Body) drill.Event {
	e := drill.Event{Seq: l.state.LastSeq + 1, Body: b}
	l.state.Apply(e)
	if b, ok := b.(drill.Recovered); ok {
		l.recovered = append(l.recovered, b)
	}
	return e
}

func TestRecoveredOnlyAfterCalm(t *testing.T) {
	good, bad, slow, silent := window(50, 0, 0), window(10, 40, 20), window(50, 0, 9), window(0, 0, 0)
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
	if len(got) != 2 || got[1] != 11200*time.Millisecond || got[2] != 11200*time.Millisecond {
		t.Errorf("recovered from %v, want both since 11.2 s", got)
	}
	if len(commands) != 2 || commands[7] != 11200*time.Millisecond || commands[9] != 11200*time.Millisecond {
		t.Errorf("commands %v, want 7 and 9 since 11.2 s", commands)
	}
}
