package measure

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A fault that users never recovered from has lasted until the last sample: what others took is then
// no more than a lower bound.
func TestARecoveryThatNeverCameIsALowerBound(t *testing.T) {
	j := begun()
	if got := Recovery(j.State); got.Known {
		t.Errorf("no fault: %+v", got)
	}
	kill := func(id int, from time.Duration) drill.FaultProved {
		return drill.FaultProved{ID: id, Fault: drill.FaultKill, Region: "east", From: from}
	}
	j.at(ms(1100), kill(1, ms(1000)))
	j.at(ms(8000), drill.Recovered{Fault: 1, Since: ms(6000)})
	if got, want := Recovery(j.State), (Span{D: ms(5000), Known: true}); got != want {
		t.Errorf("recovered: %+v, want %+v", got, want)
	}
	j.at(ms(10100), kill(2, ms(10000)))
	j.at(ms(12000), drill.TrafficSampled{Window: ms(500)})
	if got, want := Recovery(j.State), (Span{D: ms(5000), Known: true, AtLeast: true}); got != want {
		t.Errorf("soon after the second: %+v, want %+v", got, want)
	}
	j.at(ms(19000), drill.Recovered{Fault: 2, Since: ms(16000), Slowly: true}, drill.TrafficSampled{Window: ms(500)})
	j.at(ms(40000), drill.PhaseEntered{Phase: drill.PhaseEnded})
	if got, want := Recovery(j.State), (Span{D: ms(9000), Known: true, AtLeast: true}); got != want {
		t.Errorf("at the end: %+v, want %+v", got, want)
	}
}

// What is waited for leaves out what can't be recovered from yet.
func TestUnrecovered(t *testing.T) {
	j := begun()
	j.at(0,
		drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "a"},
		drill.FaultProved{ID: 2, Fault: "brownout", Between: []string{"a", "b"}, Shape: topology.Shape{RTT: time.Second}},
		drill.FaultProved{ID: 3, Fault: "brownout", Between: []string{"a", "c"}, Shape: topology.Shape{Loss: 0.1}},
		drill.FaultProved{ID: 4, Fault: drill.FaultFreeze, Region: "b"},
		drill.FaultProved{ID: 5, Fault: drill.FaultKill, Region: "c"},
		drill.FaultProved{ID: 6, Fault: drill.FaultKill, Region: "d"},
		drill.Recovered{Fault: 5, Slowly: true}, drill.Recovered{Fault: 6, Slowly: true},
		drill.FaultLifted{ID: 3}, drill.FaultLifted{ID: 4}, drill.FaultLifted{ID: 6}, drill.Recovered{Fault: 1})
	var ids []int
	for _, f := range Unrecovered(j.State) {
		ids = append(ids, f.ID)
	}
	if !slices.Equal(ids, []int{3, 4, 6}) {
		t.Errorf("faults %v, want 3, 4 and 6", ids)
	}
}
