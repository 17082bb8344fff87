package traffic

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestWritesAreKeptApartByDataset(t *testing.T) {
	b := newRecorder("users", 0, 0)
	write := func(dataset string, took time.Duration, failure string) {
		q := &request{dataset: dataset, write: true}
		b.began(q)
		b.ended(q, outcome{at: took, region: "east", failure: failure})
	}
	write("orders", 10*time.Millisecond, "")
	write("orders", 20*time.Millisecond, "")
	write("orders", time.Second, "timeout")
	write("carts", 90*time.Millisecond, "")
	b.ended(&request{dataset: "carts"}, outcome{at: time.Hour, region: "east"}) // a read
	got := b.sample(time.Second).Datasets
	if o := got["orders"]; o.Acknowledged != 2 || o.Failed != 1 || o.P99 != nil || o.P50 == nil || o.Max == nil || *o.Max < 19*time.Millisecond || *o.Max > 21*time.Millisecond {
		t.Errorf("orders %+v", o)
	}
	if c := got["carts"]; c.Acknowledged != 1 || c.P50 != nil || c.Max == nil || *c.Max < 89*time.Millisecond || *c.Max > 91*time.Millisecond {
		t.Errorf("carts %+v", c)
	}
}

func TestAPopulationAsksForItsOwnDatasets(t *testing.T) {
	fleet := topology.Fleet{Datasets: []topology.Dataset{{Name: "orders"}, {Name: "citizens"}}}
	if got := fleet.DatasetsOf(topology.Population{}); len(got) != 2 {
		t.Errorf("all of them: %v", got)
	}
	if got := fleet.DatasetsOf(topology.Population{Datasets: []string{"citizens"}}); len(got) != 1 || got[0] != "citizens" {
		t.Errorf("its own: %v", got)
	}
}
