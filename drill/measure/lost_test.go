package measure

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a cut without a failover lost is known once the check at the end has found that nothing is.
func TestLostOfACommandThatMovedNothing(t *testing.T) {
	five := uint64(5)
	p := Prediction{Predicted: drill.Impact{WritesAtRisk: map[string]*uint64{"orders": &five}}}
	for name, tt := range map[string]struct {
		check drill.LedgerChecked
		want  Count
	}{
		"not checked at the end": {drill.LedgerChecked{Dataset: "orders", Why: "failover 1"}, Count{}},
		"nothing is lost":        {drill.LedgerChecked{Dataset: "orders", Why: drill.CheckedAtEnd}, Count{Known: true}},
		"something is": {drill.LedgerChecked{Dataset: "orders", Why: drill.CheckedAtEnd, Lost: []drill.LostWrite{{ID: "x"}}},
			Count{}},
	} {
		s := drill.NewState()
		s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{Datasets: []topology.Dataset{{Name: "orders"}}}}})
		s.Apply(drill.Event{Seq: 2, Body: tt.check})
		if got := p.Lost(s, "orders"); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}
