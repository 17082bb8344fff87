package scenario

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// discoveryReader reads how gateways find authorities.
type discoveryReader struct {
	*source
	details *yaml.Node // discovery where it says more than a kind
}

// read reads a kind alone, or with what names are kept for.
func (r *discoveryReader) read(n *yaml.Node) *topology.Discovery {
	d := &topology.Discovery{TTL: topology.DefaultDiscoveryTTL, Cache: topology.CacheTTL}
	if n.Kind == yaml.ScalarNode {
		d.Kind = r.kind(n)
		return d
	}
	r.details = n
	r.mapping(n, "discovery", []key{
		{"kind", func(n *yaml.Node) { d.Kind = r.kind(n) }, "kind: " + topology.DiscoveryFleet},
		{"ttl", func(n *yaml.Node) { d.TTL = r.seconds(n, "ttl", time.Second) }, ""},
		{"cache", func(n *yaml.Node) { d.Cache, _ = r.OneOf(n, "cache", topology.Caches(), "there are") }, ""},
	})
	return d
}

func (r *discoveryReader) kind(n *yaml.Node) string {
	kind, _ := r.OneOf(n, "kind of discovery", topology.Discoveries(), "there are")
	return kind
}

// check refuses what is said of names where no region goes by them.
func (r *discoveryReader) check(f topology.Fleet) {
	if r.details == nil || f.Discovery.Kind == "" {
		return
	}
	for _, g := range f.RegionNames() {
		if f.DiscoveryOf(g).Kind == topology.DiscoveryBareDNS {
			return
		}
	}
	for i := 0; i+1 < len(r.details.Content); i += 2 {
		if k := r.details.Content[i]; k.Value == "ttl" || k.Value == "cache" {
			r.Bad(k, "%s is of names, and no region finds authorities by one; leave it out, or write kind: %s", k.Value, topology.DiscoveryBareDNS)
		}
	}
}

// seconds reads a time in whole seconds, as DNS has them.
func (s *source) seconds(n *yaml.Node, what string, least time.Duration) time.Duration {
	d := s.Duration(n, what, least)
	if d%time.Second != 0 {
		up := d.Truncate(time.Second) + time.Second
		s.Bad(n, "%s %s is not in whole seconds, and DNS has no others; write %s", what, strict.Written(d), strict.Written(up))
	}
	return d
}
