package drill

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// That a region which the drill took is not reconciled goes without saying, and so does that it is again; of one that nobody took, and of a
// hub, both are told.
func TestTheTimelineSaysOnceThatARegionIsAway(t *testing.T) {
	away, back := Configured{config.Unreached{Region: "east", On: true}}, Configured{config.Unreached{Region: "east"}}
	kill, freeze := FaultProved{ID: 1, Fault: FaultKill, Region: "east"}, FaultProved{ID: 1, Fault: FaultFreeze, Region: "east"}
	part := FaultProved{ID: 1, Fault: FaultPartition, Between: []string{"east", topology.EndControl}}
	late, own := Configured{config.Unreached{Region: "east", On: true, Asked: ms(250)}}, Configured{config.Unreached{Region: "east", On: true, Asked: ms(350)}}
	lifted := FaultLifted{ID: 1, Region: "east"}
	for name, of := range map[string]struct {
		bodies []Body
		want   int
	}{
		"killed":                      {[]Body{kill, away, lifted, back}, 0},
		"back before it is restored":  {[]Body{kill, away, back, lifted}, 0},
		"frozen":                      {[]Body{freeze, away, lifted, back}, 0},
		"cut off from its controller": {[]Body{part, away, lifted, back}, 0},
		"asked before it is restored": {[]Body{kill, lifted, late, back}, 0}, // lifted at 300 ms
		"asked after it":              {[]Body{kill, lifted, own, back}, 2},
		"another is killed":           {[]Body{FaultProved{ID: 1, Fault: FaultKill, Region: "west"}, away, back}, 2},
		"of itself":                   {[]Body{away, back}, 2},
		"of itself, and killed then":  {[]Body{away, kill, lifted, back}, 2},
		"killed, and then of itself":  {[]Body{kill, away, lifted, back, away, back}, 2},
		"the hub":                     {[]Body{kill, Configured{config.Unreached{On: true}}, Configured{config.Unreached{}}}, 2},
	} {
		s, told := story(append([]Body{DrillStarted{Fleet: testFleet()}}, of.bodies...)...), 0
		for _, e := range s.Timeline {
			if _, is := e.Body.(Configured); is {
				told++
			}
		}
		if told != of.want {
			t.Errorf("%s: told %d times, want %d", name, told, of.want)
		}
		if r := s.Config.Region("east"); r != nil && r.Away != nil {
			t.Errorf("%s: it is away still", name)
		}
	}
}
