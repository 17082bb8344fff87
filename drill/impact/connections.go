package impact

import (
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Regions keep connections to where the data is led. To a region that leads anew they have none: who is first opens one, and so does
// who comes before that one has served.

// handshakes is how many round trips a new connection between regions takes before its first request: TCP's, and TLS 1.3's
// (RFC 8446, 2) where regions show certificates.
func handshakes(f topology.Fleet) time.Duration {
	if topology.Secured(f) {
		return 2
	}
	return 1
}

// movedAt is when another region takes a dataset's writes; false where none does.
func movedAt(e *exposure, dataset string) (time.Duration, bool) {
	switch x := e.outcomes[dataset]; {
	case x.to == "":
		return 0, false
	case x.planned:
		return e.handedOver(), true
	case x.moves || x.open:
		return e.takes(dataset), true
	}
	return 0, false
}

// opens is the share of a region's requests to the authority of a dataset at a time that wait until a connection to it is open: none
// serves before the first one has answered, and requests come as a Poisson process. From then on who finds them all busy has the
// first that is free, which is soon. Where the region's users have read there all along, enough are open.
func opens(e *exposure, at time.Duration, region, to string, d *drill.DatasetState) float64 {
	moved, moves := movedAt(e, d.Spec.Name)
	if !moves || to == d.Authority || region == to || at < moved || readsAt(e, region, to, d) {
		return 0
	}
	first := (handshakes(e.s.Fleet) + 1) * e.ground.roundTrip(region, to)
	return math.Exp(-led(e, region, to) * max(0, at-moved-first).Seconds())
}

// led is how many requests a second a region sends to another one that leads then, as its users ask now.
func led(e *exposure, region, to string) (perSecond float64) {
	for _, p := range e.s.Populations {
		all := e.s.Fleet.DatasetsOf(p.Spec)
		for _, name := range all {
			d := e.s.Dataset(name)
			if d == nil || e.outcomes[name].to != to {
				continue
			}
			part := p.Spec.Writes
			if p.Spec.Reads == topology.ReadsAuthority || d.Spec.Mode == topology.ModeBackup {
				part = 1
			}
			perSecond += measure.ShareServedBy(p, region) * p.Spec.Rate * part / float64(len(all))
		}
	}
	return perSecond
}
