package rule

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// serving is a fleet whose regions are all up, and whose one dataset is led by east.
func serving() *drill.State {
	regions := []string{"east", "west", "south"}
	f := topology.Fleet{Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: regions}}}
	up, stores := []drill.Body{}, []telemetry.Replica{}
	for _, name := range regions {
		f.Regions = append(f.Regions, topology.Region{Name: name})
		up = append(up, drill.RegionJudged{Region: name, Up: true})
		stores = append(stores, telemetry.Replica{Dataset: "orders", Region: name, Role: role.Follower, Epoch: 1})
	}
	stores[0].Role = role.Authority
	s := drill.NewState()
	for i, b := range append(append([]drill.Body{drill.DrillStarted{Fleet: f}}, up...), drill.StoresSampled{Stores: stores}) {
		s.Apply(drill.Event{Seq: uint64(i + 1), Body: b})
	}
	return s
}

// An heir is whom a failover would go: sync's partner, else the newest.
func TestTheHeirIsTheSuccessor(t *testing.T) {
	s := serving()
	d := s.Dataset("orders")
	d.Replicas["south"].Position = 5
	if to := Heir(s, d, "east"); to != "south" {
		t.Errorf("async goes to %s, and south has the newest replica", to)
	}
	d.Replicas["west"].LastIn, d.Replicas["south"].LastIn = 2, 1
	if to := Heir(s, d, "east"); to != "west" {
		t.Errorf("async goes to %s, and what west has last is of a newer epoch", to)
	}
	d.Stalled = map[string]drill.StoreStalled{"west": {}}
	if to := Heir(s, d, "east"); to != "south" {
		t.Errorf("async goes to %s, and no write reaches west's disk", to)
	}
	d.Stalled = nil
	d.Spec.Mode, d.Spec.With = topology.ModeSync, "west"
	if to := Heir(s, d, "east"); to != "west" {
		t.Errorf("sync goes to %s, and west is its partner", to)
	}
}
