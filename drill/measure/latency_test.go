package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// The slowest writes go by what befell a few of them, the farthest by what all of them take.
func TestWhoseWritesTakeLong(t *testing.T) {
	s := drill.NewState()
	add := func(name string, p50, p99 time.Duration) {
		s.Populations = append(s.Populations, &drill.PopulationState{Spec: topology.Population{Name: name}, Last: &telemetry.Population{
			Datasets: map[string]telemetry.WriteLatency{"orders": {Acknowledged: 500, P50: &p50, P99: &p99}},
		}})
	}
	if _, known := FarthestWrites(s, "orders"); known {
		t.Error("nobody wrote")
	}
	add("near", ms(15), ms(3000))
	add("far", ms(240), ms(300))
	if w, known := SlowestWrites(s, "orders"); !known || w.Population != "near" {
		t.Errorf("the slowest are %+v", w)
	}
	if w, known := FarthestWrites(s, "orders"); !known || w.Population != "far" || *w.P50 != ms(240) {
		t.Errorf("the farthest are %+v", w)
	}
	if _, known := FarthestWrites(s, "carts"); known {
		t.Error("nobody wrote to carts")
	}
}
