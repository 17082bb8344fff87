package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A pilot light has no web tier until a failover scales it: users are refused until then and served afterwards. Without that they
// are refused until the region is back.
func TestAFailoverThatScalesServesItsUsers(t *testing.T) {
	none := 0
	kill, restore := runbook.Command{Verb: runbook.VerbKill, Region: "east"}, runbook.Command{Verb: runbook.VerbRestore, Region: "east"}
	share := func(scales bool) float64 {
		s := story(drill.DrillStarted{
			Fleet: topology.Fleet{
				Regions:  []topology.Region{{Name: "east"}, {Name: "west", Web: &none}},
				Users:    []topology.Population{{Name: "all", Count: 100_000, Rate: 100, Writes: 0.25, Timeout: time.Second, Entry: topology.EntryLB}},
				Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
				Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe},
				Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease, ScaleWeb: scales},
				Web:      topology.Web{Replicas: 2, Capacity: 400},
			},
			Plan: &runbook.Plan{Steady: runbook.Steady{Success: 0.99}, Steps: []runbook.Step{{Command: kill}, {At: 20 * time.Second, Command: restore}}},
		}, drill.RegionJudged{Region: "east", Up: true}, drill.RegionUnserved{Region: "west", On: true}, drill.RegionJudged{Region: "west"},
			drill.StoresSampled{Stores: []telemetry.Replica{
				{Dataset: "orders", Region: "east", Epoch: 1, Role: role.Authority}, {Dataset: "orders", Region: "west", Epoch: 1, Role: role.Follower},
			}, AtRisk: map[string]uint64{"orders": 0}},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "all", ServedBy: map[string]int{"east": 100}}}})
		e := newExposure(s, after(s, effectOf(s, kill)), kill, effectOf(s, kill), map[string]outcome{"orders": outcomeOf(after(s, effectOf(s, kill)), s.Dataset("orders"), effectOf(s, kill))})
		if at, is := scaledFrom(e, "west"); is != scales || is && (at < e.promoted || at > e.promoted+time.Second) {
			t.Errorf("scales %v: %v after %s, promoted after %s", scales, is, at, e.promoted)
		}
		e.all = e.classes()
		bad := 0.0
		for _, k := range e.all {
			bad += k.share * e.attempt(k, 5*time.Second).bad
		}
		return bad
	}
	if with, without := share(true), share(false); with > 0.01 || without < 0.99 {
		t.Errorf("after five seconds %.2f of requests fail, and %.2f where nothing scales", with, without)
	}
}
