package consistency

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What reads found is summed over the populations that read; who did not, and a journal of before, say nothing.
func TestWhatReadsFound(t *testing.T) {
	const ms = time.Millisecond
	old, older := 40*ms, 90*ms
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{Users: []topology.Population{{Name: "near"}, {Name: "far"}, {Name: "silent"}}}}})
	if StaleReads(s, "").Known() || OwnReads(s, "").Known() || StaleBy(s, "") != nil {
		t.Error("something is known before anybody read")
	}
	s.Apply(drill.Event{Seq: 2, Body: drill.TrafficSampled{Populations: []telemetry.Population{
		{Population: "near", Reads: &telemetry.Reads{Answered: 100, Stale: 20, Own: 40, OwnMissed: 10, AgeMax: &older}},
		{Population: "far", Reads: &telemetry.Reads{Answered: 300, Stale: 20, AgeMax: &old}},
		{Population: "silent"},
	}}})
	for _, tt := range []struct {
		population string
		stale, own Portion
		by         *time.Duration
	}{
		{"", Portion{40, 400}, Portion{30, 40}, &older},
		{"near", Portion{20, 100}, Portion{30, 40}, &older},
		{"far", Portion{20, 300}, Portion{}, &old},
		{"silent", Portion{}, Portion{}, nil},
	} {
		if got := StaleReads(s, tt.population); got != tt.stale {
			t.Errorf("%q: stale %+v, want %+v", tt.population, got, tt.stale)
		}
		if got := OwnReads(s, tt.population); got != tt.own || got.Known() != (tt.own.Of > 0) {
			t.Errorf("%q: own %+v, want %+v", tt.population, got, tt.own)
		}
		if got := StaleBy(s, tt.population); (got == nil) != (tt.by == nil) || got != nil && *got != *tt.by {
			t.Errorf("%q: stale by %v, want %v", tt.population, got, tt.by)
		}
	}
	if share := (Portion{1, 4}).Share(); share != 0.25 {
		t.Errorf("1 of 4 is %v", share)
	}
}
