package scenario

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// ttl reads how long an answer is kept: whole seconds, as the protocol has them.
func (r *routingReader) ttl(n *yaml.Node) time.Duration {
	d := r.Duration(n, "dns_ttl", 0)
	if d%time.Second != 0 {
		up := d.Truncate(time.Second) + time.Second
		r.Bad(n, "dns_ttl %s is not in whole seconds, and DNS has no others; write %s", strict.Written(d), strict.Written(up))
	}
	return d
}

// entryKeys is where a population says how it comes in.
type entryKeys struct{ ignore, keep *yaml.Node }

// entries checks what a population says of how it comes in against each other and against the fleet's entry.
func (r *fleetReader) entries(p topology.Population, at entryKeys) {
	if p.IgnoreTTL > 0 && r.fleet.Entry(p) == topology.EntryLB {
		r.Bad(at.ignore, "ignore_ttl is of resolvers, and %s comes in by a load balancer, which asks none; leave it out, or write entry: %s", p.Name, topology.EntryDNS)
	}
	if p.IgnoreTTL > 0 && p.Keep > 0 && p.IgnoreTTL+p.Keep > 1 {
		r.Bad(at.keep, "ignore_ttl and keep of %s add up to more than 100%%: they are of different users; lower keep", p.Name)
	}
}
