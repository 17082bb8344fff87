package measure

import (
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Whose lag nobody knows may lack most, be it that they never answered or that they do no more; a leader
// lacks nothing, also one that is silent, and who keeps no replica has nothing to lack.
func TestCompareLag(t *testing.T) {
	behind := func(n uint64) *telemetry.Replica { return &telemetry.Replica{LagWrites: &n} }
	d := &drill.DatasetState{
		Spec:      topology.Dataset{Regions: []string{"leader", "few", "many", "silent", "unheard"}},
		Authority: "leader",
		Replicas: map[string]*telemetry.Replica{
			"leader": {Role: role.Authority, Stale: true}, "few": behind(3), "many": behind(40), "silent": {Stale: true, LagWrites: behind(1).LagWrites},
		},
	}
	regions := []string{"elsewhere", "leader", "few", "many", "silent", "unheard"}
	slices.SortStableFunc(regions, func(a, b string) int { return CompareLag(d, a, b) })
	if want := []string{"silent", "unheard", "many", "few", "leader", "elsewhere"}; !slices.Equal(regions, want) {
		t.Errorf("%v, want %v", regions, want)
	}
	if CompareLag(nil, "a", "b") != 0 {
		t.Error("a fleet without data has an order of lag")
	}
}
