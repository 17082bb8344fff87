package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A region that the new authority does not trust is refused, unless its users have read there all along: certificates are
// verified when a connection is made.
func TestOpenConnectionsOutliveTrust(t *testing.T) {
	fleet := topology.Fleet{
		Name:     "trio",
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}},
		Links:    []topology.Link{{Between: [2]string{"south", "east"}, RTT: 60 * time.Millisecond}, {Between: [2]string{"south", "west"}, RTT: 50 * time.Millisecond}},
		Users:    []topology.Population{{Name: "all", Count: 1000, Rate: 100, Writes: 0.25, Timeout: 2 * time.Second}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
		Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
		Identity: &topology.Identity{Trust: topology.TrustFederated, TTL: time.Hour},
	}
	known := []drill.Body{drill.DrillStarted{Fleet: fleet}}
	now := time.Date(2026, 11, 30, 14, 0, 0, 0, time.UTC)
	for _, r := range fleet.RegionNames() {
		known = append(known, drill.RegionJudged{Region: r, Up: true})
		st := identity.Status{ID: topology.GatewayID(fleet, r)}
		st.SVID = &identity.SVID{ID: st.ID, Authority: "key-of-" + r, From: now, Until: now.Add(time.Hour)}
		st.Now, st.Bundles = now, map[string][]string{}
		for _, other := range fleet.RegionNames() {
			st.Domains = append(st.Domains, topology.TrustDomain(fleet, other))
			if r != "west" || other != "south" {
				st.Bundles[topology.TrustDomain(fleet, other)] = []string{"key-of-" + other}
			}
		}
		known = append(known, drill.IdentitySampled{Who: r, Status: st})
	}
	known = append(known, drill.StoresSampled{Stores: []telemetry.Replica{
		{Dataset: "orders", Region: "east", Epoch: 1, Role: role.Authority}, {Dataset: "orders", Region: "west", Epoch: 1, Role: role.Follower},
	}}, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "all", ServedBy: map[string]int{"south": 100}}}})
	effect := runbook.Effect{Stops: []string{"east"}, Undo: runbook.VerbRestore}
	for reads, want := range map[string]bool{topology.ReadsNearest: false, topology.ReadsAuthority: true} {
		s := story(known...)
		s.Population("all").Spec.Reads = reads
		then := after(s, effect)
		e := newExposure(s, then, runbook.Command{Verb: "fails", Region: "east"}, effect, map[string]outcome{"orders": outcomeOf(then, s.Dataset("orders"), effect)})
		k := class{pop: s.Population("all"), share: 1, stays: []stay{{to: only("south")}}}
		if got := e.request(k, e.promoted+slice, "south", "orders", true) == refused; got != want {
			t.Errorf("who reads %s is refused: %v", reads, got)
		}
	}
}
