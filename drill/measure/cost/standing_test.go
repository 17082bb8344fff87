package cost

import (
	"math"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What stands ready is what the file says runs beside the first leader; the bytes are those
// between the first sample of the steady check and the last one before a fault.
func TestWhatStandsReady(t *testing.T) {
	none := 0
	regions := []topology.Region{{Name: "a", Place: "Virginia"}, {Name: "b", Place: "Ireland", Web: &none}}
	spec := func(name string, mode topology.Mode) topology.Dataset {
		return topology.Dataset{Name: name, Mode: mode, Authority: "a", Regions: []string{"a", "b"}}
	}
	s := drill.NewState()
	seq := uint64(0)
	at := func(sec float64, b drill.Body) {
		seq++
		s.Apply(drill.Event{Seq: seq, T: time.Duration(sec * float64(time.Second)), Body: b})
	}
	sent := func(backup, light uint64) drill.LinksSampled {
		return drill.LinksSampled{Links: []telemetry.Link{{From: "a", To: "b", Bytes: backup + light, Datasets: map[string]uint64{"backup": backup, "light": light}}}}
	}
	at(0, drill.DrillStarted{Fleet: topology.Fleet{Regions: regions, Web: topology.Web{Replicas: 4},
		Datasets: []topology.Dataset{spec("backup", topology.ModeBackup), spec("light", topology.ModeAsync)}}})
	at(1, sent(1<<30, 0)) // while the fleet comes up
	if got := StandingOf(s, s.Dataset("light")); got.RateKnown || got.USD != nil || got.Stores != 1 || got.Web != 0 || got.Kept {
		t.Errorf("before the steady check: %+v", got)
	}
	at(2, drill.PhaseEntered{Phase: drill.PhaseSteady})
	at(2, sent(1<<30, 0))
	at(12, sent(1<<30+1000, 50))
	at(13, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "a"})
	at(20, sent(9<<30, 9<<30))
	if got := StandingOf(s, s.Dataset("backup")); got.USD != nil {
		t.Errorf("how much is kept is not known, and it costs %v a month", *got.USD)
	}
	at(21, drill.AuthorityTook{Dataset: "backup", Region: "a", Epoch: 1})
	at(21, drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "backup", Region: "a", Bytes: 10 << 30}}})
	month := Month.Seconds() * 0.02 / (1 << 30)
	for name, want := range map[string]Standing{
		"backup": {Regions: 1, Kept: true, Rate: 100, RateKnown: true, USD: new(100*month + 10*StoragePrice)},
		"light":  {Regions: 1, Stores: 1, Rate: 5, RateKnown: true, USD: new(5*month + 70.08)},
	} {
		got := StandingOf(s, s.Dataset(name))
		if got.USD == nil || math.Abs(*got.USD-*want.USD) > 1e-6 {
			t.Errorf("%s costs %v a month, want %v", name, got.USD, *want.USD)
		}
		got.USD, want.USD = nil, nil
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// A standby that is scaled costs what it has then. What a failover scales it to is not what stood ready.
func TestScalingAStandbyChangesWhatItCosts(t *testing.T) {
	s := drill.NewState()
	seq := uint64(0)
	at := func(sec int, b drill.Body) {
		seq++
		s.Apply(drill.Event{Seq: seq, T: time.Duration(sec) * time.Second, Body: b})
	}
	at(0, drill.DrillStarted{Fleet: topology.Fleet{
		Regions: []topology.Region{{Name: "a", Place: "Virginia"}, {Name: "b", Place: "Ireland"}}, Web: topology.Web{Replicas: 2},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "a", Regions: []string{"a", "b"}}},
	}})
	at(1, drill.PhaseEntered{Phase: drill.PhaseSteady})
	at(1, drill.LinksSampled{})
	at(2, drill.LinksSampled{})
	hour := func(want int, when string) {
		t.Helper()
		got := StandingOf(s, s.Dataset("orders"))
		if got.Web != want || got.USD == nil || math.Abs(*got.USD/Month.Hours()/ServerPrice-float64(want+1)) > 1e-6 { // and a store
			t.Errorf("%s: %+v, want %d web replicas", when, got, want)
		}
	}
	hour(2, "as the file says")
	at(3, drill.RegionScaled{Region: "a", Was: 2, Replicas: 9})
	hour(2, "another region scaled")
	at(4, drill.RegionScaled{Region: "b", Was: 2, Replicas: 0})
	hour(0, "scaled to none")
	at(5, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "a", From: 5 * time.Second})
	at(6, drill.RegionScaled{Region: "b", Was: 0, Replicas: 4})
	hour(0, "scaled by the failover")
}
