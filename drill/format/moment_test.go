package format

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestMoment(t *testing.T) {
	events := []drill.Event{
		{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "east"}}}}},
		{Seq: 2, T: 3 * time.Second, Body: drill.PhaseEntered{Phase: drill.PhaseSteady}},
		{Seq: 3, T: 8 * time.Second, Body: drill.PhaseEntered{Phase: drill.PhaseRunning}},
		{Seq: 4, T: 12 * time.Second, Body: drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "east", From: 11 * time.Second}},
	}
	for _, tt := range []struct {
		seen        int
		at          time.Duration
		long, short string
	}{
		{1, 2 * time.Second, "2 s since the start", "2 s"},
		{2, 5 * time.Second, "5 s since the start", "5 s"},
		{3, 9 * time.Second, "1 s into the drill", "1 s in"},
		{4, 23500 * time.Millisecond, "12 s after the first fault", "12 s after fault"},
		{4, 10 * time.Second, "2 s into the drill", "2 s in"}, // a past moment of the same drill
		{4, 2 * time.Minute, "1m 49s after the first fault", "1m 49s after fault"},
	} {
		s := drill.NewState()
		for _, e := range events[:tt.seen] {
			s.Apply(e)
		}
		if long, short := Moment(s, tt.at); long != tt.long || short != tt.short {
			t.Errorf("%s after %d events: %q, %q; want %q, %q", tt.at, tt.seen, long, short, tt.long, tt.short)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for n, want := range map[uint64]string{0: "0th", 1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 102: "102nd", 111: "111th", 1_003: "1,003rd"} {
		if got := Ordinal(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
