package measure

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A link stands as the fleet file has it with the faults that hold over that, and what is
// computed from its round trip and bandwidth goes by that.
func TestALinkAsItStands(t *testing.T) {
	j := linked()
	d := j.west(ms(1000), 0, 250_000)
	brownout := func(id int, oneWay bool, shape topology.Shape) {
		j.at(ms(1500), drill.FaultProved{ID: id, Fault: "brownout", Between: []string{"east", "west"}, OneWay: oneWay, Shape: shape})
	}
	before := CatchUp(j.State, d, "west").D
	brownout(1, false, topology.Shape{RTT: time.Second})
	if got := RoundTrip(j.State, "west", "east"); got != time.Second {
		t.Errorf("a round trip of %s", got)
	}
	if after := CatchUp(j.State, d, "west").D; after-before != time.Second-ms(24) {
		t.Errorf("current in %s, before the link was slow in %s", after, before)
	}
	brownout(2, true, topology.Shape{RTT: ms(200), Bandwidth: 8e6, Loss: 0.1})
	if got := RoundTrip(j.State, "west", "east"); got != ms(600) {
		t.Errorf("%s, one way of 200 ms and one of a second", got)
	}
	if got := ShapeNow(j.State, "east", "west"); got != (topology.Shape{RTT: ms(200), Bandwidth: 8e6, Loss: 0.1}) {
		t.Errorf("%+v", got)
	}
	if got := ShapeNow(j.State, "west", "east"); got.Loss != 0 || got.Bandwidth != 200e6 {
		t.Errorf("the way back is not the fault's: %+v", got)
	}
	if after := CatchUp(j.State, d, "west").D; after != ms(600)+ms(250) {
		t.Errorf("current in %s at a megabyte a second", after)
	}
	j.at(ms(1700), drill.FaultLifted{ID: 1}, drill.FaultLifted{ID: 2})
	if after := CatchUp(j.State, d, "west").D; after != before {
		t.Errorf("current in %s after both are over, before in %s", after, before)
	}
}

// A way that several faults cut is cut by each until it is lifted, one direction is not the other, and what cuts a
// region off from all others leaves its users alone; what kills it does not.
func TestWhoCutsALink(t *testing.T) {
	s := drill.NewState()
	s.Populations = []*drill.PopulationState{{Spec: topology.Population{Name: "users"}}}
	fault := func(id int, e runbook.Effect) *drill.Fault {
		f := &drill.Fault{FaultProved: drill.FaultProved{ID: id, Effect: e}}
		s.Faults = append(s.Faults, f)
		return f
	}
	both := fault(1, runbook.Effect{Cuts: topology.Ways("a", "b", false)})
	fault(2, runbook.Effect{Cuts: topology.Ways("a", topology.EndOthers, true)})
	fault(3, runbook.Effect{Reshapes: topology.Ways("a", "c", false)})
	ids := func(faults []*drill.Fault) (all []int) {
		for _, f := range faults {
			all = append(all, f.ID)
		}
		return all
	}
	check := func(when string, got []*drill.Fault, want ...int) {
		t.Helper()
		if !slices.Equal(ids(got), want) {
			t.Errorf("%s: %v, want %v", when, ids(got), want)
		}
	}
	check("a to b", CutBy(s, "a", "b"), 1, 2)
	check("b to a", CutBy(s, "b", "a"), 1)
	check("a to c", CutBy(s, "a", "c"), 2)
	check("users to a", CutBy(s, "users", "a"))
	check("c to a is shaped", ShapedBy(s, "c", "a"), 3)
	lifted := time.Second
	both.Lifted = &lifted
	check("a to b once one is lifted", CutBy(s, "a", "b"), 2)
	fault(4, runbook.Effect{Stops: []string{"a"}})
	check("users to what is killed", CutBy(s, "users", "a"), 4)
}
