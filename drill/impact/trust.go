package impact

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// distrusts reports whether a region's requests to the new authority of a dataset are refused, by either of them. Certificates are
// verified when a connection is made: who has read there all along goes on over the connections that are open.
func distrusts(e *exposure, region, to string, d *drill.DatasetState) bool {
	return trust.Between(e.s, region, to) != nil && !readsAt(e, region, to, d)
}

// readsAt reports whether a region's users read a dataset at another region, since it keeps no replica and that one is the nearest.
func readsAt(e *exposure, region, to string, d *drill.DatasetState) bool {
	readers := slices.DeleteFunc(slices.Clone(d.Spec.Readers(d.Authority)), func(r string) bool { return e.ground.Gone[r] })
	if near := e.s.Fleet.Nearest(region, readers); slices.Contains(readers, region) || len(near) == 0 || near[0] != to {
		return false
	}
	return slices.ContainsFunc(e.s.Populations, func(p *drill.PopulationState) bool {
		reads := p.Spec.Writes < 1 && p.Spec.Reads != topology.ReadsAuthority && slices.Contains(e.s.Fleet.DatasetsOf(p.Spec), d.Spec.Name)
		return reads && measure.ShareServedBy(p, region) > 0
	})
}
