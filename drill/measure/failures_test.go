package measure

import (
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// The most frequent reason comes first; one that never came up is none.
func TestReasons(t *testing.T) {
	got := Reasons(map[string]int{"timeout": 3, "shed": 42, "upstream": 3, "reset": 0})
	if want := []Reason{{"shed", 42}, {"timeout", 3}, {"upstream", 3}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What fails now is of the last sample, over all who are meant; nobody who asks is not nothing that fails.
func TestFailingNow(t *testing.T) {
	asked := func(requests, failed int) *drill.PopulationState {
		return &drill.PopulationState{Last: &telemetry.Population{Requests: requests, Failed: failed, TotalRequests: 1000, TotalFailed: 900}}
	}
	all := FailingNow(asked(30, 3), asked(10, 7), &drill.PopulationState{})
	if want := (Requests{Requests: 40, Failed: 10, Known: true}); all != want || all.Share() != 0.25 {
		t.Errorf("%+v, share %v, want %+v", all, all.Share(), want)
	}
	for _, none := range []Requests{FailingNow(), FailingNow(&drill.PopulationState{}), FailingNow(asked(0, 0))} {
		if none.Known || none.Share() != 0 {
			t.Errorf("of no request %+v is known, share %v", none, none.Share())
		}
	}
}
