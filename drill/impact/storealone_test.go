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

// A store that fails by itself goes on reading for those who read at the authority. Writes wait for one that hangs until another
// region leads, and no longer; a full one refuses them at once.
func TestAStoreThatFailsByItselfIsRead(t *testing.T) {
	fleet := topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
		Users:    []topology.Population{{Name: "all", Count: 1000, Rate: 100, Writes: 0.5, Reads: topology.ReadsAuthority, Timeout: 2 * time.Second}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
		Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
	}
	for part, want := range map[string]fate{runbook.PartStore: waits, runbook.PartDisk: refused} {
		effect := runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: part, Web: 1, Store: true}}, Undo: runbook.VerbRestore}
		c := runbook.Command{Verb: "fails", Region: "east"}
		s := story(drill.DrillStarted{Fleet: fleet}, drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
			drill.StoresSampled{Stores: []telemetry.Replica{
				{Dataset: "orders", Region: "east", Epoch: 1, Role: role.Authority}, {Dataset: "orders", Region: "west", Epoch: 1, Role: role.Follower},
			}}, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "all", ServedBy: map[string]int{"east": 100}}}})
		e := newExposure(s, after(s, effect), c, effect, map[string]outcome{"orders": outcomeOf(after(s, effect), s.Dataset("orders"), effect)})
		k := class{pop: s.Population("all"), share: 1, stays: []stay{{to: only("east")}}}
		if got := e.request(k, time.Second, "east", "orders", true); got != want {
			t.Errorf("%s: a write fares as %+v, want %+v", part, got, want)
		}
		if got := e.request(k, time.Second, "east", "orders", false); got != (fate{}) {
			t.Errorf("%s: a read fares as %+v", part, got)
		}
		if got := e.request(k, e.promoted+2*time.Second, "east", "orders", true); got.bad > 0 {
			t.Errorf("%s: after the failover a write fares as %+v", part, got)
		}
		early, late := waited(e, k, 0), waited(e, k, e.promoted-200*time.Millisecond)
		if early != topology.AnswerWithin(2*time.Second) || late != 200*time.Millisecond {
			t.Errorf("%s: a write waits for %s, and just before another leads for %s", part, early, late)
		}
	}
}
