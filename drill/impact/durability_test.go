package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Who writes beside a cut-off authority is served until its lease is over, where it may
// acknowledge alone; where it needs a copy from the other side of the cut, no write is
// acknowledged from the first moment.
func TestACutOffAuthorityWithAndWithoutCopies(t *testing.T) {
	near := func(mode drill.Mode, with string, c drill.Command) float64 {
		slow := 5 * time.Second
		fleet := drill.Fleet{
			Regions:  []drill.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}},
			Routing:  drill.Routing{Probe: drill.DefaultProbe}, // users move as soon as it is called down
			Failover: drill.FailoverPolicy{Decide: "auto", Fence: true, Lease: drill.DefaultLease},
			Users:    []drill.Population{{Name: "near", Count: 1e6, Rate: 100, Writes: 1, Timeout: 2 * time.Second}},
			Datasets: []drill.Dataset{{Name: "orders", Mode: mode, With: with, Authority: "east", Regions: []string{"east", "west", "south"}}},
		}
		bodies := []drill.Body{drill.DrillStarted{Fleet: fleet}}
		var stores []drill.StoreSample
		for i, r := range fleet.Regions {
			bodies = append(bodies, drill.RegionJudged{Region: r.Name, Up: true})
			stores = append(stores, drill.StoreSample{Dataset: "orders", Region: r.Name, Epoch: 1, Role: []drill.Role{drill.RoleAuthority, drill.RoleFollower, drill.RoleFollower}[i]})
		}
		s := story(append(bodies, drill.StoresSampled{Stores: stores},
			drill.TrafficSampled{Window: time.Second, Populations: []drill.PopulationSample{{Population: "near", ServedBy: map[string]int{"east": 100}, Slow: &slow}}})...)
		return predict(s, c).Users["near"]
	}
	cutOff := drill.Command{Verb: drill.VerbPartition, Between: [2]string{"east", drill.EndOthers}}
	async := near(drill.ModeAsync, "", cutOff)
	if async > 0.3 {
		t.Errorf("async: %.2f affected, but only from when the router has moved them until the successor leads", async)
	}
	for name, got := range map[string]float64{
		"sync": near(drill.ModeSync, "west", cutOff), "quorum": near(drill.ModeQuorum, "", cutOff),
	} {
		if got < async+0.4 {
			t.Errorf("%s: %.2f affected, async %.2f: writes wait in vain for a copy from the other side", name, got, async)
		}
	}
	// A cut of one link leaves quorum its majority, and takes its partner from sync.
	one := drill.Command{Verb: drill.VerbPartition, Between: [2]string{"east", "west"}}
	if got := near(drill.ModeQuorum, "", one); got != 0 {
		t.Errorf("quorum: %.2f affected by one link of two", got)
	}
	if got := near(drill.ModeSync, "west", one); got < 0.9 {
		t.Errorf("sync: %.2f affected by a cut from its partner", got)
	}
}
