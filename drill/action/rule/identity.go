package rule

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Secured refuses what is about certificates in a fleet that has none. Nil where it has.
func Secured(s *drill.State) *Refusal {
	if topology.Secured(s.Fleet) {
		return nil
	}
	return Refuse("leave trust: none out of the fleet file", "regions of %s show no certificates to each other", s.Fleet.Name)
}
