package gateways

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// DefaultIdentity is what a file that says nothing of identities gets.
func DefaultIdentity() *topology.Identity {
	return &topology.Identity{
		Trust: topology.TrustFederated, TTL: topology.DefaultSVIDTTL, RotateBefore: topology.DefaultRotateBefore(topology.DefaultSVIDTTL),
	}
}

// Identity reads by what regions trust each other.
func Identity(s *strict.Source, n *yaml.Node) *topology.Identity {
	d := DefaultIdentity()
	var ttl, before *yaml.Node
	mapping(s, n, "identity", []key{
		{"trust", func(n *yaml.Node) { d.Trust, _ = s.OneOf(n, "trust", topology.Trusts(), "there are") }, ""},
		{"svid_ttl", func(n *yaml.Node) {
			ttl, d.TTL = n, s.Seconds(n, "svid_ttl", "certificates have", topology.LeastSVIDTTL)
		}, ""},
		{"rotate_before", func(n *yaml.Node) {
			before, d.RotateBefore = n, s.Seconds(n, "rotate_before", "certificates have", time.Second)
		}, ""},
	})
	if before == nil {
		d.RotateBefore = topology.DefaultRotateBefore(d.TTL)
	}
	if d.Trust == topology.TrustNone {
		for name, at := range map[string]*yaml.Node{"svid_ttl": ttl, "rotate_before": before} {
			if at != nil {
				s.Bad(at, "%s is of certificates, and with trust: none nobody has one; leave it out", name)
			}
		}
		return &topology.Identity{Trust: topology.TrustNone}
	}
	if before != nil && d.TTL > 0 && d.RotateBefore >= d.TTL {
		s.Bad(before, "rotate_before %s is not below the svid_ttl of %s: each certificate would be due at once; write %s or less",
			strict.Written(d.RotateBefore), strict.Written(d.TTL), strict.Written(max(d.TTL/2, time.Second).Truncate(time.Second)))
	}
	return d
}
