package runner

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

type still struct{ Clock }

func (still) Now() time.Duration { return time.Second }

// A sample says of which epoch the last entry is: who leads next goes by that first, and
// everybody who predicts it reads samples.
func TestSamplesSayTheEpochOfTheLastEntry(t *testing.T) {
	w := NewWatch(WatchConfig{Clock: still{}, Heard: func(string, store.Status) {}})
	w.keep("east", wire.RegionStatus{Stores: []store.Status{{Dataset: "orders", Region: "east", Epoch: 3, LastIn: 2, Position: 9, Entries: 9}}}, time.Second)
	fleet := topology.Fleet{Datasets: []topology.Dataset{{Name: "orders", Regions: []string{"east"}}}}
	out := w.Samples(fleet, func(string) string { return "" }, map[string]telemetry.Replica{}, 0)
	if len(out.Stores) != 1 || out.Stores[0].LastIn != 2 || out.Stores[0].Epoch != 3 || out.Stores[0].Position != 9 {
		t.Errorf("%+v", out.Stores)
	}
}
