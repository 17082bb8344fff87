package curve

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A load begins with what was counted first, is unknown where nobody counted, and is averaged over what is known.
func TestLoads(t *testing.T) {
	s := drill.NewState()
	seq := uint64(0)
	at := func(second int, b drill.Body) {
		seq++
		s.Apply(drill.Event{Seq: seq, T: time.Duration(second) * time.Second, Body: b})
	}
	at(0, drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "us-east"}}, Users: []topology.Population{{Name: "asia"}, {Name: "nobody"}}}})
	for _, x := range [][2]int{{3, 10}, {4, 6}, {6, 0}} {
		second, ok := x[0], x[1]
		at(second, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "asia", Requests: 10, OK: ok, Failed: 10 - ok}}})
	}
	all := Loads(s)
	if len(all) != 1 || all[0].Population != "asia" {
		t.Fatalf("%+v", all)
	}
	l := all[0]
	if l.From() != 2*time.Second || l.Until() != 6*time.Second || l.Most() != 10 {
		t.Errorf("from %s until %s, at most %v a second: %+v", l.From(), l.Until(), l.Most(), l)
	}
	if r := l.Over(2*time.Second, 5*time.Second); !r.Known || r.OK != 8 || r.Failed != 2 {
		t.Errorf("of the first three seconds, one of which is unknown: %+v", r)
	}
	if r := l.Over(4*time.Second, 5*time.Second); r.Known {
		t.Errorf("of a second in which nobody counted: %+v", r)
	}
	if r := l.Over(5*time.Second, 6*time.Second); !r.Known || r.OK != 0 || r.Failed != 10 {
		t.Errorf("of a second in which all failed: %+v", r)
	}
}
