// Package outage says which faults users have not recovered from, and whether what was to follow from each has come.
package outage

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Open is a fault that users have not recovered from.
type Open struct {
	drill.Fault
	// Settled says that it was noticed and answered: the router has judged its region (or that is
	// back), and every dataset that it took the authority of has one.
	Settled bool
	// Elsewhere says that users may be served from farther away for good: data has moved since, or
	// a region is emptied. Slowness that is left then is what that costs, not an outage that goes on.
	Elsewhere bool
	Next      time.Duration // when the next fault after it began; 0 is none
}

// All is the faults that users have not recovered from, in the order of their proofs.
func All(s *drill.State) (open []Open) {
	for _, f := range s.Faults {
		if slices.ContainsFunc(s.Recoveries, func(r drill.Recovered) bool { return r.Fault == f.ID }) {
			continue
		}
		o := Open{Fault: *f, Settled: true}
		if g := s.Region(regionOf(s, f)); g != nil && g.Up != nil && *g.Up && isToGoDown(s, f, g.Spec.Name) {
			o.Settled = false
		}
		if s.Hub != nil && f.Region == s.Hub.Spec.Name && !hubSettled(s, f) {
			o.Settled = false
		}
		for _, m := range s.Failovers {
			if !m.Written() && (m.Fault == nil || m.Fault.ID == f.ID) {
				o.Settled = false
			}
			o.Elsewhere = o.Elsewhere || m.Ends[drill.StagePromote] > f.From
		}
		o.Elsewhere = o.Elsewhere || slices.ContainsFunc(s.Moves, func(m drill.Switchover) bool { return m.T > f.From }) ||
			slices.ContainsFunc(s.Regions, func(g *drill.RegionState) bool { return g.Cordoned })
		for _, other := range slices.Concat(s.Faults, s.Proving) {
			if other.From > f.From && other.Command != f.Command && (o.Next == 0 || other.From < o.Next) {
				o.Next = other.From
			}
		}
		open = append(open, o)
	}
	return open
}

// hubSettled reports whether users have met what a hub's loss does: leases last on without it, and then nobody may write. Once it
// is back it has to be found so first.
func hubSettled(s *drill.State, f *drill.Fault) bool {
	if f.Lifted != nil {
		return s.Hub.Up != nil && *s.Hub.Up
	}
	return !s.Fleet.Failover.Fence || s.Now > f.From+s.Fleet.Failover.Lease+measure.Resolution
}

// isToGoDown reports whether the router's probes of a region fail under a fault. A region that lost a part goes on, unless
// that was its web tier.
func isToGoDown(s *drill.State, f *drill.Fault, region string) bool {
	if f.Part != "" {
		return f.Lifted == nil && f.Effect.StopsWeb(region)
	}
	return s.FaultOn(region) != nil
}

// regionOf is the region that a fault is on, or the first end of its links that is one.
func regionOf(s *drill.State, f *drill.Fault) string {
	if f.Region != "" || len(f.Between) < 2 {
		return f.Region
	}
	if s.Fleet.Has(f.Between[0]) {
		return f.Between[0]
	}
	return f.Between[1]
}
