package page

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// TestAReadCardHidesNoOther: an incident that is known to be over later may have been over earlier
// than the one that was read.
func TestAReadCardHidesNoOther(t *testing.T) {
	s := drill.NewState()
	at := func(t time.Duration, bodies ...drill.Body) {
		for _, b := range bodies {
			s.Apply(drill.Event{Seq: s.LastSeq + 1, T: t * time.Second, Body: b})
		}
	}
	users := func(closed bool) drill.TrafficSampled {
		return drill.TrafficSampled{Populations: []telemetry.Population{{Population: "all", Impacts: []telemetry.UserImpact{
			{Command: 1, Asked: 9, Affected: 1, From: 7 * time.Second, Closed: closed},
			{Command: 2, Asked: 9, Affected: 1, From: 7 * time.Second, Closed: true},
		}}}}
	}
	at(0, drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}, {Name: "b"}}, Users: []topology.Population{{Name: "all", Count: 9}}}})
	for id, region := range []string{1: "a", 2: "b"} {
		if region != "" {
			c := runbook.Command{Verb: runbook.VerbKill, Region: region}
			at(7, drill.CommandTaken{ID: id, Command: c}, drill.FaultProved{ID: id, Command: id, Fault: drill.FaultKill, Region: region, From: 7 * time.Second}, drill.CommandDone{ID: id, Command: c})
		}
	}
	at(9, users(false), drill.Recovered{Fault: 1, Since: 8 * time.Second})
	at(10, drill.Recovered{Fault: 2, Since: 8 * time.Second})
	var p Drill
	if i, n := p.unread(s); n != 1 || i.Command.ID != 2 {
		t.Fatalf("%d are unread, the last is %+v", n, i)
	}
	p.Read(s)
	if _, n := p.unread(s); n != 0 {
		t.Fatalf("%d are unread that were read", n)
	}
	at(11, users(true))
	if i, n := p.unread(s); n != 1 || i.Command.ID != 1 {
		t.Errorf("the first command's is over: %d are unread, the last is %+v", n, i)
	}
}
