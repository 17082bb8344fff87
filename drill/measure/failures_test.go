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

// Who fails now are the users of all who are meant, as the number over the screen counts them: a request that hangs has not
// failed yet, and its user is affected. Nobody who asks is not nobody who is affected.
func TestAffectedAmong(t *testing.T) {
	asked := func(asked, affected int) *drill.PopulationState {
		return &drill.PopulationState{Last: &telemetry.Population{AskedNow: asked, AffectedNow: affected, Requests: 50, TotalRequests: 1000, TotalFailed: 900}}
	}
	a, b := asked(30, 3), asked(10, 7)
	all := AffectedAmong(a, b, &drill.PopulationState{})
	if want := (Affected{Share: 0.25, Affected: 10, Asked: 40, Known: true}); all != want {
		t.Errorf("%+v, want %+v", all, want)
	}
	if now := AffectedNow(&drill.State{Populations: []*drill.PopulationState{a, b}}); now != all {
		t.Errorf("of the whole fleet they are %+v, of its populations %+v", now, all)
	}
	for _, none := range []Affected{AffectedAmong(), AffectedAmong(&drill.PopulationState{}), AffectedAmong(asked(0, 0))} {
		if none.Known {
			t.Errorf("of nobody who asked %+v is known", none)
		}
	}
}
