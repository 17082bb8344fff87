// Package loss predicts how many acknowledged writes a dataset loses with its authority.
package loss

import (
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/ground"
	"github.com/fleetdrill/fleetdrill/drill/impact/timing"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Successor is the region that is likely to lead then; PassedOver says that a gate passes over others, which may have more.
type Successor struct {
	Region     string
	PassedOver bool
}

// replicationStall is how much longer than its way a write may be uncopied on a busy machine:
// one slice of a loaded scheduler.
const replicationStall = 100 * time.Millisecond

// Most is the most acknowledged writes that a dataset is predicted to lose; nil where
// there is no bound. It is what was stored nowhere else at the last sample, what may have
// been acknowledged since and is still on its way to the nearest replica, and, of an
// authority that is only cut off, what its users write until its lease is over. Where the replica
// was cut off before, or holds a snapshot, all since that sample is uncopied. Writes
// arrive as a Poisson process, so four standard deviations and one are added: one
// fault in some thirty thousand exceeds that.
func Most(before, s *drill.State, d *drill.DatasetState, e runbook.Effect, to Successor) *uint64 {
	if d.AtRisk == nil {
		return nil
	}
	loses := d.Spec.Mode != topology.ModeSync && d.Spec.Mode != topology.ModeQuorum
	mean := 0.0
	if loses {
		uncopied := measure.RoundTrip(s, d.Authority, to.Region)/2 + replicationStall
		if before.Apart(d.Authority, to.Region) || d.Spec.Mode == topology.ModeBackup {
			uncopied += s.Now - d.AtRiskAge
		}
		mean += ground.WriteRate(s, d, func(string) bool { return true }) * uncopied.Seconds()
	}
	if loses && !e.StopsStore(d.Authority) {
		goesOn := s.Fleet.Failover.Lease
		if !s.Fleet.Failover.Fence {
			if s.Fleet.Failover.ByOperator() {
				return nil // until a person decides, and longer
			}
			goesOn = timing.Detection(s.Fleet) + s.Fleet.LastMoved() // until its users are elsewhere
		}
		reaching := func(region string) bool { return region == d.Authority || !s.Apart(region, d.Authority) }
		mean += ground.WriteRate(s, d, reaching) * goesOn.Seconds()
	}
	most := *d.AtRisk
	if r := d.Replicas[to.Region]; to.PassedOver && loses { // those who have more are passed over
		if r == nil || r.LagWrites == nil {
			return nil
		}
		most = max(most, *r.LagWrites)
	}
	if mean > 0 {
		most += uint64(math.Ceil(mean + 4*math.Sqrt(mean) + 1))
	}
	return &most
}
