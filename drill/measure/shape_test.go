package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
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
