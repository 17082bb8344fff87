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

// Who reads of the leader fails with it, and waits for the way there; who reads nearby does neither.
func TestReadsOfTheLeader(t *testing.T) {
	const ms = time.Millisecond
	slow := 250 * ms
	fate := func(reads string, e runbook.Effect, link, at time.Duration) float64 {
		users := topology.Population{Name: "far", Count: 10_000, Rate: 100, Timeout: 2 * time.Second, Reads: reads, RTT: map[string]time.Duration{"west": 10 * ms, "east": 100 * ms}}
		s := story(drill.DrillStarted{Fleet: topology.Fleet{
			Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
			Links:    []topology.Link{{Between: [2]string{"east", "west"}, RTT: link}},
			Users:    []topology.Population{users},
			Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
			Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
			Routing:  topology.Routing{Probe: topology.DefaultProbe},
		}},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
			drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}, {Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1}}},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "far", ServedBy: map[string]int{"west": 10}, Slow: &slow}}})
		then := after(s, e)
		x := newExposure(s, then, runbook.Command{}, e, map[string]outcome{"orders": {moves: len(e.Stops) > 0, to: "west"}})
		k := class{pop: then.Populations[0], share: 1, stays: []stay{{to: only("west")}}}
		return x.request(k, at, "west", "orders", false).bad
	}
	killed := runbook.Effect{Stops: []string{"east"}}
	for _, tt := range []struct {
		name   string
		e      runbook.Effect
		link   time.Duration
		at     time.Duration
		near   float64
		leader float64
	}{
		{"nothing is broken", runbook.Effect{}, 80 * ms, 0, 0, 0},
		{"the leader is far", runbook.Effect{}, 300 * ms, 0, 0, 1},
		{"the leader is gone", killed, 80 * ms, 0, 0, 1},
		{"another leads by now", killed, 80 * ms, 10 * time.Second, 0, 0},
	} {
		if got := fate("", tt.e, tt.link, tt.at); got != tt.near {
			t.Errorf("%s: %v of the reads nearby, want %v", tt.name, got, tt.near)
		}
		if got := fate(topology.ReadsAuthority, tt.e, tt.link, tt.at); got != tt.leader {
			t.Errorf("%s: %v of those of the leader, want %v", tt.name, got, tt.leader)
		}
	}
}
