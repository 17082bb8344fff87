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

// BenchmarkPredict is what a dialog asks for with every frame that it is open.
func BenchmarkPredict(b *testing.B) {
	regions := []string{"east", "west", "south"}
	fleet := topology.Fleet{
		Routing:  topology.Routing{Probe: topology.DefaultProbe, DNSTTL: 2 * time.Second},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
	}
	sample := drill.TrafficSampled{Window: time.Second}
	for _, r := range regions {
		fleet.Regions = append(fleet.Regions, topology.Region{Name: r})
		fleet.Users = append(fleet.Users, topology.Population{Name: "near " + r, Count: 1000, Rate: 100, Writes: 0.75, Timeout: 2 * time.Second})
		fleet.Datasets = append(fleet.Datasets, topology.Dataset{Name: "of " + r, Mode: topology.ModeAsync, Authority: "east", Regions: regions})
		sample.Populations = append(sample.Populations, telemetry.Population{Population: "near " + r, ServedBy: map[string]int{r: 100}})
	}
	bodies := []drill.Body{drill.DrillStarted{Fleet: fleet}}
	for _, r := range regions {
		bodies = append(bodies, drill.RegionJudged{Region: r, Up: true})
	}
	var stores []telemetry.Replica
	for _, d := range fleet.Datasets {
		for i, r := range regions {
			stores = append(stores, telemetry.Replica{Dataset: d.Name, Region: r, Epoch: 1, Role: []role.Role{role.Authority, role.Follower, role.Follower}[i]})
		}
	}
	s := story(append(bodies, drill.StoresSampled{Stores: stores}, sample)...)
	for b.Loop() {
		predict(s, runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"east", topology.EndOthers}})
	}
}
