package discovery

import (
	"testing"
	"time"

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
	d := NewFound(spec)
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
	if _, any := NewFound(spec).Sample(0); any {
		t.Error("a fleet whose regions are told samples what they found")
	}
}
