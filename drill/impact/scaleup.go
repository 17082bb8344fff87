package impact

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/impact/timing"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// Where a fleet's failovers scale the web tier of the region that they promote, compute moves after data.

// scaleWithFailovers notes which web tiers failovers scale, behind what later steps of the plan do.
func scaleWithFailovers(e *exposure) {
	if !e.s.Fleet.Failover.ScaleWeb {
		return
	}
	took := ahead.ScaleUp(e.s)
	wanted := min(topology.MostWebReplicas, e.s.Fleet.Web.Replicas)
	for _, d := range e.s.Datasets {
		x := e.outcomes[d.Name]
		if r := e.s.Region(x.to); x.moves && !x.planned && !x.blocked && r != nil && r.Web < wanted {
			e.Scaled = append(e.Scaled, ahead.Scaling{Region: x.to, Replicas: wanted, At: e.takes(d.Name) + took})
		}
	}
}

// scaledFrom is when a region that has no web tier gets one; false where none does.
func scaledFrom(e *exposure, region string) (at time.Duration, scales bool) {
	for _, s := range e.Scaled {
		if s.Region == region && s.Replicas > 0 && (!scales || s.At < at) {
			at, scales = s.At, true
		}
	}
	return at, scales
}

// opened is where the router sends a population once a web tier was scaled that had no replica, and when.
func opened(e *exposure, p topology.Population) (to []policy.Share, from time.Duration) {
	opens := func(region string) bool {
		_, scales := scaledFrom(e, region)
		return scales && e.ground.Webless[region] && !e.dead(region) && !slices.Contains(e.e.Empties, region)
	}
	to = policy.Of(e.s.Fleet, p, opens).Shares
	for _, s := range to {
		at, _ := scaledFrom(e, s.Region)
		from = max(from, at+timing.Noticed(e.s.Fleet))
	}
	return to, from
}
