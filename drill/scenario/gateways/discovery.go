package gateways

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Discovery reads how gateways find authorities.
type Discovery struct {
	*strict.Source
	details *yaml.Node // discovery where it says more than a kind
}

// Read reads a kind alone, or with what names are kept for.
func (r *Discovery) Read(n *yaml.Node) *topology.Discovery {
	d := &topology.Discovery{TTL: topology.DefaultDiscoveryTTL, Cache: topology.CacheTTL}
	if n.Kind == yaml.ScalarNode {
		d.Kind = r.Kind(n)
		return d
	}
	r.details = n
	mapping(r.Source, n, "discovery", []key{
		{"kind", func(n *yaml.Node) { d.Kind = r.Kind(n) }, "kind: " + topology.DiscoveryFleet},
		{"ttl", func(n *yaml.Node) { d.TTL = r.Seconds(n, "ttl", "DNS has", time.Second) }, ""},
		{"cache", func(n *yaml.Node) { d.Cache, _ = r.OneOf(n, "cache", topology.Caches(), "there are") }, ""},
	})
	return d
}

// Kind reads a kind of discovery, the fleet's or a region's own.
func (r *Discovery) Kind(n *yaml.Node) string {
	kind, _ := r.OneOf(n, "kind of discovery", topology.Discoveries(), "there are")
	return kind
}

// Check refuses what is said of names where no region goes by them.
func (r *Discovery) Check(f topology.Fleet) {
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
