package measure

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a cut without a failover lost is known once the check at the end has found that nothing is.
func TestLostOfACommandThatMovedNothing(t *testing.T) {
	five := uint64(5)
	p := Prediction{Predicted: runbook.Impact{WritesAtRisk: map[string]*uint64{"orders": &five}}}
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

// What a check found is no word on a failover that came after it, on a leader that was lost since, or on
// another dataset.
func TestCheckedSinceTheLastLossOfALeader(t *testing.T) {
	staged := func(id int) drill.FailoverStaged {
		return drill.FailoverStaged{ID: id, Dataset: "orders", From: "east", Cause: "fault", Stage: drill.StageFault, End: ms(9000)}
	}
	kill := func(region string) drill.FaultProved {
		return drill.FaultProved{ID: 7, Fault: drill.FaultKill, Region: region, From: ms(9000)}
	}
	for name, tt := range map[string]struct {
		then []drill.Body
		want bool
	}{
		"nothing since":             {nil, true},
		"another failover":          {[]drill.Body{staged(2)}, false},
		"which was checked":         {[]drill.Body{staged(2), drill.LedgerChecked{Dataset: "orders", Failover: 2}}, true},
		"its leader was killed":     {[]drill.Body{kill("west")}, false},
		"a region that leads not":   {[]drill.Body{kill("south")}, true},
		"its leader died by itself": {[]drill.Body{drill.RegionJudged{Region: "west", Up: true}, drill.RegionJudged{Region: "west"}}, false},
		"killed, and checked last": {[]drill.Body{kill("west"), staged(2), drill.LedgerChecked{Dataset: "orders", Why: drill.CheckedAtEnd}},
			true},
	} {
		j := begun()
		if Checked(j.State, "orders") {
			t.Fatal("it is checked before any check was")
		}
		j.failover(1, 2, 0, "east", "west", ms(1000))
		j.at(ms(9000), tt.then...)
		if got := Checked(j.State, "orders"); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
		if Checked(j.State, "") != tt.want {
			t.Errorf("%s: not so over all datasets", name)
		}
		j.Datasets = append(j.Datasets, &drill.DatasetState{Spec: topology.Dataset{Name: "carts"}, Name: "carts"})
		if Checked(j.State, "") {
			t.Errorf("%s: carts was never checked", name)
		}
	}
}
