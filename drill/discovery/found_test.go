package discovery

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A gateway that restarts counts from zero, and the drill goes on counting. What it said of a spell is put on the engine's clock.
func TestDiscoveriesAreSummedOverRestarts(t *testing.T) {
	spec := topology.Fleet{
		Regions:   []topology.Region{{Name: "us-east", Discovery: topology.DiscoveryMirror}, {Name: "eu-west"}},
		Datasets:  []topology.Dataset{{Name: "orders", Regions: []string{"us-east"}}},
		Discovery: nil,
	}
	d := NewFound(spec, nil)
	if _, any := d.Sample(0); any {
		t.Error("there is a sample before any answer")
	}
	if got := d.Missing(); got != "us-east" {
		t.Errorf("%q is missing before any answer", got)
	}
	for _, h := range []struct {
		run   string
		calls uint64
		stale uint64
	}{{"1", 10, 4}, {"1", 20, 5}, {"2", 3, 1}, {"2", 7, 1}} {
		d.Heard("us-east", h.run, []wire.Discovered{{
			Dataset: "orders", Kind: topology.DiscoveryMirror, Endpoints: []string{"eu-west"}, Calls: h.calls, Stale: h.stale,
			Spell: &wire.Spell{BeganAgo: 3 * time.Second, EndedAgo: time.Second},
		}}, 10*time.Second)
	}
	b, any := d.Sample(10 * time.Second)
	if !any || len(b.Found) != 1 || b.Found[0].Calls != 27 || b.Found[0].Stale != 6 || b.Found[0].Silent {
		t.Fatalf("%+v", b)
	}
	if f := b.Found[0]; *f.StaleFrom != 7*time.Second || *f.StaleUntil != 9*time.Second {
		t.Errorf("a spell from %s to %s", *f.StaleFrom, *f.StaleUntil)
	}
	if got := d.Missing(); got != "" {
		t.Errorf("%q is missing", got)
	}
	if b, _ := d.Sample(12 * time.Second); !b.Found[0].Silent {
		t.Error("a gateway that has not answered for two seconds is not said to be silent")
	}
	spec.Regions[0].Discovery = ""
	if _, any := NewFound(spec, nil).Sample(0); any {
		t.Error("a fleet whose regions are told samples what they found")
	}
}

// What came of looking up another cluster's name is said once of a region, whatever its datasets are and however often it restarts.
func TestALookupIsToldOnce(t *testing.T) {
	var said []drill.Body
	d := NewFound(topology.Fleet{
		Regions:  []topology.Region{{Name: "a"}, {Name: "b", Discovery: topology.DiscoveryBareDNS}},
		Datasets: []topology.Dataset{{Name: "own", Regions: []string{"b"}}, {Name: "orders", Regions: []string{"b", "a"}}, {Name: "carts", Regions: []string{"a"}}},
	}, func(b drill.Body) drill.Event { said = append(said, b); return drill.Event{} })
	d.Heard("b", "1", []wire.Discovered{{Dataset: "orders"}}, 0)
	if len(said) > 0 {
		t.Errorf("told before there was an answer: %v", said)
	}
	answered := &wire.LookedUp{Name: topology.StoreName, Says: "NXDOMAIN"}
	for _, run := range []string{"1", "1", "2"} {
		d.Heard("b", run, []wire.Discovered{{Dataset: "own", Assumed: answered}, {Dataset: "orders", Assumed: answered}, {Dataset: "carts", Assumed: answered}}, 0)
	}
	if want := (drill.NameLookedUp{Region: "b", Name: topology.StoreName, Of: "a", Says: "NXDOMAIN"}); len(said) != 1 || said[0] != want {
		t.Errorf("told %+v, want once %+v", said, want)
	}
}
