package scenario

import (
	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

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
