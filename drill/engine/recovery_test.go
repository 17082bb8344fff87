package engine

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// window is one sample of all traffic.
func window(ok, failed, hurt int) drill.TrafficSampled {
	return drill.TrafficSampled{Window: 500 * time.Millisecond, Populations: []drill.PopulationSample{
		{Population: "all", Requests: ok + failed, OK: ok, Failed: failed, AffectedNow: hurt},
	}}
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
			journal := &memoryJournal{}
			r := newRecovery(newSpine(time.Now, journal, func(error) {}), []drill.Population{{Timeout: 1500 * time.Millisecond}}, nil)
			r.disturb(1, 1, "a", 10*time.Second)
			for i, w := range tt.windows {
				r.sampled(10*time.Second+time.Duration(i+1)*w.Window, w)
			}
			if tt.want == 0 {
				if len(journal.events) != 0 || r.calm() {
					t.Fatalf("recovered: %v", journal.events)
				}
				return
			}
			if len(journal.events) != 1 || !r.calm() {
				t.Fatalf("%d events, want one", len(journal.events))
			}
			if got := journal.events[0].Body.(drill.Recovered); got.Since != tt.want || got.Fault != 1 {
				t.Errorf("recovered since %s, want %s", got.Since, tt.want)
			}
		})
	}
}

// A second fault before the first was recovered from does not take its place, and a
// fault that is proved late has not undone what succeeded since it began.
func TestEveryFaultIsRecoveredFrom(t *testing.T) {
	journal := &memoryJournal{}
	r := newRecovery(newSpine(time.Now, journal, func(error) {}), []drill.Population{{Timeout: 500 * time.Millisecond}}, nil)
	commands := map[int]time.Duration{}
	r.recovered = func(command int, since time.Duration) { commands[command] = since }
	at := 10 * time.Second
	pass := func(w drill.TrafficSampled) {
		at += w.Window
		r.sampled(at, w)
	}
	pass(window(10, 40, 20))
	r.disturb(1, 7, "a", 10*time.Second)
	pass(window(10, 40, 20))
	for range 4 {
		pass(window(50, 0, 0))
		if len(journal.events) == 0 && at == 11500*time.Millisecond {
			r.disturb(2, 9, "b", 11200*time.Millisecond) // proved 300 ms later
		}
	}
	got := map[int]time.Duration{}
	for _, e := range journal.events {
		b := e.Body.(drill.Recovered)
		got[b.Fault] = b.Since
	}
	if len(got) != 2 || got[1] != 11200*time.Millisecond || got[2] != 11200*time.Millisecond || !r.calm() {
		t.Errorf("recovered from %v, want both since 11.2 s", got)
	}
	if len(commands) != 2 || commands[7] != 11200*time.Millisecond || commands[9] != 11200*time.Millisecond {
		t.Errorf("commands %v, want 7 and 9 since 11.2 s", commands)
	}
}
