package scenario

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// zones checks what a region says of its zones, and reads which of them has the store: by its letter, or its name.
func (r *fleetReader) zones(n, store *yaml.Node, g *topology.Region) {
	names := g.ZoneNames()
	if len(names) > 0 && g.Cluster != "" {
		r.Bad(n, "%s has zones and shares cluster %q; regions of one cluster are on one machine, so leave one of the two out", g.Name, g.Cluster)
	}
	if store == nil {
		return
	}
	if len(names) == 0 {
		r.Bad(store, "store_zone is for a region with zones; add zones: 3")
		return
	}
	letters := make([]string, len(names))
	for i, name := range names {
		letters[i] = strings.TrimPrefix(name, g.Name+"-")
	}
	if i := slices.Index(names, store.Value); i >= 0 {
		g.StoreZone = letters[i]
		return
	}
	g.StoreZone, _ = r.OneOf(store, "zone", letters, "the zones are")
}

// zoneNames refuses a region that has the name of another's zone.
func (r *fleetReader) zoneNames() {
	for _, g := range r.fleet.Regions {
		if of, is := topology.RegionOfZone(r.fleet, g.Name); is {
			r.Add(r.regionAt[g.Name], "%s is also the name of a zone of %s; choose another name for the region", g.Name, of.Name)
		}
	}
}
