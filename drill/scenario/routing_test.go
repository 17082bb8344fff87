package scenario

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Each policy is read with what it needs, and refused with what is another's.
func TestBadRouting(t *testing.T) {
	for _, tt := range []badFile{
		{name: "weighted by nothing", old: "policy: nearest", new: "policy: weighted", want: []string{
			"fleet.yaml:14: policy weighted needs a share for the regions; add weights: {us-east: 100%}",
		}},
		{name: "weights that are no mapping", old: "policy: nearest", new: "policy: weighted, weights: [70%, 30%]", want: []string{
			"fleet.yaml:14: weights is written as a share for each region; like {us-east: 100%}",
		}},
		{name: "weights short of the whole", old: "policy: nearest", new: "policy: weighted, weights: {us-east: 70%, eu-west: 20%}", want: []string{
			"fleet.yaml:14: the weights add up to 90%; let them add up to 100%",
		}},
		{name: "a weight of no region", old: "policy: nearest", new: "policy: weighted, weights: {us-est: 70%, eu-west: 30%}", want: []string{
			`fleet.yaml:14: there is no region "us-est"; did you mean us-east?`,
		}},
		{name: "a weight that is no share", old: "policy: nearest", new: "policy: weighted, weights: {us-east: 70, eu-west: 30%}", want: []string{
			`fleet.yaml:14: the weight of us-east "70" is no share; write it in percent, like 25%`,
		}},
		{name: "weights of another policy", old: "policy: nearest", new: "policy: nearest, weights: {us-east: 100%}", want: []string{
			"fleet.yaml:14: weights is of policy weighted, and this file's is nearest; leave it out, or write policy: weighted",
		}},
		{name: "an order of another policy", old: "policy: nearest", new: "order: [us-east]", want: []string{
			"fleet.yaml:14: order is of policy failover, and this file's is nearest; leave it out, or write policy: failover",
		}},
		{name: "a standby twice", old: "policy: nearest", new: "policy: failover, order: [us-east, us-east]", want: []string{
			"fleet.yaml:14: us-east is there twice; name each region once",
		}},
		{name: "a standby that is no region", old: "policy: nearest", new: "policy: failover, order: [us-east, mars]", want: []string{
			`fleet.yaml:14: there is no region "mars"; the regions are us-east, eu-west, ap-south`,
		}},
		{name: "geo without a law", old: "policy: nearest", new: "policy: geo", want: []string{
			"fleet.yaml:14: policy geo goes by the users' jurisdiction, and no population has one; add jurisdiction: EU to one, or write policy: nearest",
		}},
		{name: "a law without geo", old: "writes: 25%", new: "writes: 25%, jurisdiction: EU", want: []string{
			"fleet.yaml:11: jurisdiction of a population is of policy geo, and this file's is nearest; leave it out, or write policy: geo",
		}},
		{name: "a law that no region has", old: "writes: 25%", new: "writes: 25%, jurisdiction: IN", want: []string{
			"fleet.yaml:11: no region is under jurisdiction IN, so nobody could serve these users; the regions are under US, EU",
			"fleet.yaml:11: jurisdiction of a population is of policy geo, and this file's is nearest; leave it out, or write policy: geo",
		}},
		{name: "a ramp of a day", old: "policy: nearest", new: "policy: nearest, ramp: 24h", want: []string{
			"fleet.yaml:14: ramp is 24h; it takes at most 10m",
		}},
		{name: "held down for a day", old: "up_after: 4", new: "up_after: 4, hold_down: 24h", want: []string{
			"fleet.yaml:14: hold_down is 24h; it takes at most 10m",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parse("fleet.yaml", tt.spoil(t, goodFleet))
			readFleet(s)
			tt.check(t, s.err())
		})
	}
}

func TestRoutingSaysWhatTheFileSays(t *testing.T) {
	read := func(old, is string) topology.Fleet {
		t.Helper()
		s := parse("fleet.yaml", []byte(strings.Replace(goodFleet, old, is, 1)))
		f := readFleet(s)
		if err := s.err(); err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := read("policy: nearest", "policy: weighted, weights: {us-east: 70%, eu-west: 30%}, ramp: 10s")
	if want := map[string]float64{"us-east": 0.7, "eu-west": 0.3}; !maps.Equal(f.Routing.Weights, want) || f.Routing.Ramp != 10*time.Second {
		t.Errorf("%+v", f.Routing)
	}
	f = read("policy: nearest", "policy: failover, order: [eu-west, us-east]")
	if !slices.Equal(f.Routing.Order, []string{"eu-west", "us-east"}) {
		t.Errorf("%+v", f.Routing)
	}
	f = read("up_after: 4", "up_after: 4, hold_down: 5s")
	if f.Routing.Probe.HoldDown != 5*time.Second {
		t.Errorf("%+v", f.Routing.Probe)
	}
	s := parse("fleet.yaml", []byte(strings.NewReplacer("policy: nearest", "policy: geo", "writes: 25%", "writes: 25%, jurisdiction: EU").Replace(goodFleet)))
	if f = readFleet(s); s.err() != nil || f.Users[0].Jurisdiction != "EU" {
		t.Errorf("%+v, %v", f.Users[0], s.err())
	}
}
