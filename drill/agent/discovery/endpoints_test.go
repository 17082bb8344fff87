package discovery

import (
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a region says is taken by both rules; what it does not say, by one.
func TestWhatSilenceMeans(t *testing.T) {
	type said struct {
		region string
		reply  reply
	}
	for _, tt := range []struct {
		name           string
		said           []said
		mirror, checks []string
	}{
		{"nobody was asked", nil, nil, nil},
		{"one leads", []said{{"a", yes}, {"b", no}}, []string{"a"}, []string{"a"}},
		{"it leads no more", []said{{"a", yes}, {"b", yes}, {"a", no}}, []string{"b"}, []string{"b"}},
		{"it is silent once", []said{{"a", yes}, {"a", silent}}, []string{"a"}, []string{"a"}},
		{"it is silent", []said{{"a", yes}, {"a", silent}, {"a", silent}}, []string{"a"}, nil},
		{"it is silent now and then", []said{{"a", yes}, {"a", silent}, {"a", yes}, {"a", silent}}, []string{"a"}, []string{"a"}},
		{"another leads beside the dead one", []said{{"a", yes}, {"a", silent}, {"a", silent}, {"a", silent}, {"b", yes}}, []string{"a", "b"}, []string{"b"}},
		{"the dead one is back", []said{{"a", yes}, {"a", silent}, {"a", silent}, {"b", yes}, {"a", no}}, []string{"b"}, []string{"b"}},
		{"it was never there", []said{{"a", silent}, {"a", silent}, {"a", silent}}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for kind, want := range map[string][]string{topology.DiscoveryMirror: tt.mirror, topology.DiscoveryFleet: tt.checks} {
				e := newEndpoints("c", kind, 2)
				for _, s := range tt.said {
					e.heard(s.region, s.reply)
				}
				if !slices.Equal(e.regions, want) {
					t.Errorf("%s has %v, want %v", kind, e.regions, want)
				}
			}
		})
	}
}

// Calls are spread over all endpoints, the dead one among them.
func TestEndpointsTakeTurns(t *testing.T) {
	e := newEndpoints("c", topology.DiscoveryMirror, 3)
	if _, ok := e.pick(); ok {
		t.Error("there is an endpoint before any region was asked")
	}
	e.heard("a", yes)
	e.heard("b", yes)
	got := map[string]int{}
	for range 10 {
		ep, _ := e.pick()
		got[ep.Region]++
	}
	if got["a"] != 5 || got["b"] != 5 {
		t.Errorf("%v, want half of the calls each", got)
	}
}
