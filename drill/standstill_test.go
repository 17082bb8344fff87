package drill

import (
	"maps"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestStandstillOverlaps(t *testing.T) {
	b := StandstillNoticed{From: 10 * time.Second, For: 5 * time.Second, Settle: time.Second}
	for _, tt := range []struct {
		from, to time.Duration
		want     bool
	}{
		{0, 9 * time.Second, false}, {0, 10 * time.Second, true}, {12 * time.Second, 13 * time.Second, true},
		{16 * time.Second, time.Minute, true}, {16*time.Second + 1, time.Minute, false},
	} {
		if got := b.Overlaps(tt.from, tt.to); got != tt.want {
			t.Errorf("%s to %s: %v", tt.from, tt.to, got)
		}
	}
}

// A person reads once for each reason that requests were not sent, not in each window.
func TestNotSentIsToldOncePerReason(t *testing.T) {
	s := NewState()
	seq := uint64(0)
	sampled := func(notSent map[string]int) {
		seq++
		s.Apply(Event{Seq: seq, Body: TrafficSampled{Populations: []telemetry.Population{{Population: "x", TotalNotSent: notSent}}}})
	}
	seq++
	s.Apply(Event{Seq: seq, Body: DrillStarted{Fleet: topology.Fleet{Users: []topology.Population{{Name: "x"}}}}})
	for i, tt := range []struct {
		notSent map[string]int
		told    int
	}{
		{nil, 0}, {map[string]int{telemetry.UnsentLate: 3}, 1}, {map[string]int{telemetry.UnsentLate: 9}, 1},
		{map[string]int{telemetry.UnsentLate: 9, telemetry.UnsentInFlight: 1}, 2}, {map[string]int{telemetry.UnsentLate: 10, telemetry.UnsentInFlight: 1}, 2},
	} {
		if sampled(tt.notSent); len(s.Timeline) != tt.told {
			t.Errorf("%d: told %d times, want %d", i, len(s.Timeline), tt.told)
		}
	}
	// From the first step on it is told anew: what was not sent before is counted nowhere.
	s.Timeline = nil
	for _, phase := range []Phase{PhaseSteady, PhaseRunning} {
		seq++
		s.Apply(Event{Seq: seq, Body: PhaseEntered{Phase: phase}})
	}
	for i, tt := range []struct {
		late, told int
		since      map[string]int
	}{{10, 2, map[string]int{}}, {13, 3, map[string]int{telemetry.UnsentLate: 3}}, {15, 3, map[string]int{telemetry.UnsentLate: 5}}} {
		sampled(map[string]int{telemetry.UnsentLate: tt.late, telemetry.UnsentInFlight: 1})
		if got := s.Unsent(*s.Population("x").Last); len(s.Timeline) != tt.told || !maps.Equal(got, tt.since) {
			t.Errorf("%d: told %d times, want %d; since the first step %v", i, len(s.Timeline), tt.told, got)
		}
	}
}
