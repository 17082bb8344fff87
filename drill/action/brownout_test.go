package action

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Those who write over the link are predicted to be affected, where an answer takes longer
// then than their threshold; those who don't are not.
func TestWhoABrownoutAffects(t *testing.T) {
	s := serving()
	slow := 200 * time.Millisecond
	for _, p := range []topology.Population{
		{Name: "near", Count: 1000, Rate: 40, Writes: 0.5, Datasets: []string{"orders"}, Timeout: 2 * time.Second, RTT: map[string]time.Duration{"east": 5 * time.Millisecond, "west": 90 * time.Millisecond}},
		{Name: "far", Count: 1000, Rate: 40, Writes: 0.5, Datasets: []string{"orders"}, Timeout: 2 * time.Second, RTT: map[string]time.Duration{"east": 90 * time.Millisecond, "west": 5 * time.Millisecond}},
	} {
		by := map[string]string{"near": "east", "far": "west"}[p.Name]
		s.Fleet.Users = append(s.Fleet.Users, p)
		s.Populations = append(s.Populations, &drill.PopulationState{Spec: p, Region: by, Last: &telemetry.Population{ServedBy: map[string]int{by: 10}, Slow: &slow}})
	}
	c := runbook.Command{Verb: verbBrownout, Between: [2]string{"east", "west"}, Shape: topology.Shape{RTT: 400 * time.Millisecond}}
	p := predicted(s, c)
	if p.Users["near"] != 0 || p.Users["far"] < 0.4 || p.Users["far"] > 0.6 {
		t.Errorf("users %v: half of far's requests are writes over the link", p.Users)
	}
	c.Shape = topology.Shape{RTT: 90 * time.Millisecond} // with a handshake too
	if p := predicted(s, c); p.Share != 0 {
		t.Errorf("%v affected by answers within the threshold", p.Users)
	}
	c.Shape.Loss = 0.05
	if p := predicted(s, c); p.Users["far"] < 0.03 || p.Users["far"] > 0.1 {
		t.Errorf("users %v: of a tenth of the writes, which are half of the requests, a segment is lost", p.Users)
	}
	c = runbook.Command{Verb: verbBrownout, Between: [2]string{"west", "south"}, Shape: topology.Shape{RTT: 400 * time.Millisecond}}
	if p := predicted(s, c); p.Share != 0 {
		t.Errorf("%v affected by a link that nobody writes over", p.Users)
	}
}

func predicted(s *drill.State, c runbook.Command) runbook.Impact {
	p, _ := Predict(s, c)
	return p
}
