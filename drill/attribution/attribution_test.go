package attribution

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func testFleet() topology.Fleet {
	return topology.Fleet{Regions: []topology.Region{{Name: "east"}, {Name: "west"}}}
}

func story(bodies ...drill.Body) *drill.State {
	s := drill.NewState()
	for i, b := range bodies {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i+1) * 100 * time.Millisecond, Body: b})
	}
	return s
}

// A region's loss is of the fault that has kept it from the controller since without a break:
// what is done to it later changes nothing, and what was lifted before was over.
func TestALossIsOfTheEarliestFault(t *testing.T) {
	cut := func(id, from int, far string) drill.FaultProved {
		return drill.FaultProved{ID: id, Fault: drill.FaultPartition, Between: []string{"east", far}, From: ms(from)}
	}
	kill := func(id, from int) drill.FaultProved {
		return drill.FaultProved{ID: id, Fault: drill.FaultKill, Region: "east", From: ms(from)}
	}
	lift := func(id int) drill.FaultLifted { return drill.FaultLifted{ID: id, Region: "east"} } // at a tenth of a second for each event before it
	slow := drill.FaultProved{ID: 9, Fault: "brownout", Between: []string{"east", topology.EndControl}, Shape: topology.Shape{RTT: time.Second}}
	tests := []struct {
		name   string
		bodies []drill.Body
		want   int
	}{
		{"cut, and cut again", []drill.Body{cut(1, 0, topology.EndOthers), cut(2, 900, topology.EndControl)}, 1},
		{"cut, then killed", []drill.Body{cut(1, 0, topology.EndOthers), kill(2, 700)}, 1},
		{"killed, then cut", []drill.Body{kill(1, 0), cut(2, 700, topology.EndControl)}, 1},
		{"proved in the other order", []drill.Body{kill(2, 100), cut(1, 50, topology.EndControl)}, 1},
		{"cut off from a region alone, then killed", []drill.Body{cut(1, 0, "west"), kill(2, 700)}, 2},
		{"the cut is being proved yet", []drill.Body{drill.FaultBegun(cut(1, 0, topology.EndControl)), kill(2, 100)}, 1},
		{"healed once killed", []drill.Body{cut(1, 0, topology.EndControl), kill(2, 100), lift(1)}, 1},
		{"healed before it was killed", []drill.Body{cut(1, 0, topology.EndControl), lift(1), kill(2, 900)}, 2},
		{"three in a row", []drill.Body{cut(1, 0, topology.EndControl), cut(2, 150, topology.EndOthers), lift(1), kill(3, 450), lift(2)}, 1},
		{"all is lifted", []drill.Body{cut(1, 0, topology.EndControl), kill(2, 100), lift(1), lift(2)}, 0},
		{"slow first, then killed", []drill.Body{slow, kill(2, 300)}, 2},
		{"slow alone", []drill.Body{slow}, 9},
		{"slow and healed", []drill.Body{slow, drill.FaultLifted{ID: 9}}, 0},
		{"a kill is being proved", []drill.Body{drill.FaultBegun(kill(1, 0))}, 1},
		{"a freeze is being proved", []drill.Body{drill.FaultBegun{ID: 1, Fault: drill.FaultFreeze, Region: "east"}}, 1},
		{"a kill elsewhere is being proved", []drill.Body{drill.FaultBegun{ID: 1, Fault: drill.FaultKill, Region: "west"}}, 0},
		{"what was being proved failed", []drill.Body{drill.CommandTaken{ID: 3}, drill.FaultBegun{ID: 1, Command: 3, Fault: drill.FaultKill, Region: "east"}, drill.CommandFailed{ID: 3}}, 0},
	}
	for _, tt := range tests {
		got := 0
		if f := Cause(story(append([]drill.Body{drill.DrillStarted{Fleet: testFleet()}}, tt.bodies...)...), "east"); f != nil {
			got = f.ID
		}
		if got != tt.want {
			t.Errorf("%s: fault %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestAFaultOnTheClusterIsOnEachOfIts(t *testing.T) {
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}, {Name: "b", Cluster: "eu"}, {Name: "c", Cluster: "eu"}}}}})
	s.Apply(drill.Event{Seq: 2, T: 2 * time.Second, Body: drill.FaultProved{ID: 1, Region: "b", Fault: drill.FaultFreeze, From: time.Second}})
	s.Apply(drill.Event{Seq: 3, T: 5 * time.Second, Body: drill.FaultLifted{ID: 1, Region: "b"}})
	for region, want := range map[string]bool{"a": false, "b": true, "c": true, "mars": false} {
		if got := Faulted(s, region, 4*time.Second, 6*time.Second); got != want {
			t.Errorf("%s: %v", region, got)
		}
		if Faulted(s, region, 6*time.Second, 7*time.Second) {
			t.Errorf("%s: the fault was lifted", region)
		}
	}
}

// A span overlaps a standstill where it has a part of it, or of the time in which what it broke is mended.
func TestASpanOverlapsAStandstill(t *testing.T) {
	first, second := drill.StandstillNoticed{From: ms(1000), For: ms(500), Settle: ms(250)}, drill.StandstillNoticed{From: ms(5000), For: ms(500)}
	s := story(first, second)
	tests := []struct {
		from, to int
		want     time.Duration // when the standstill began; 0 is none
	}{
		{0, 999, 0}, {0, 1000, ms(1000)}, {1750, 2000, ms(1000)}, {1751, 4999, 0}, {1751, 5000, ms(5000)}, {0, 9000, ms(1000)}, {5501, 9000, 0},
	}
	for _, tt := range tests {
		got := time.Duration(0)
		if stood := StoodStill(s, ms(tt.from), ms(tt.to)); stood != nil {
			got = stood.From
		}
		if got != tt.want {
			t.Errorf("from %d to %d ms: a standstill at %s, want %s", tt.from, tt.to, got, tt.want)
		}
	}
}
