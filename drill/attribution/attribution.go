// Package attribution says whose doing it is that a region is away or numbers are bad: a fault's of this drill, or the
// instrument's, which stood still.
package attribution

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Cause is what this drill does to a region that may keep it from the controller: the earliest
// fault, proved or being proved, since which it was kept away without a break, else the newest
// brownout of the link between them; nil when there is none.
func Cause(s *drill.State, region string) (cause *drill.Fault) {
	all := slices.Concat(s.Faults, s.Proving)
	for earlier := true; earlier; {
		earlier = false
		for _, f := range all {
			away := f.Region == region && (f.Part == "" || f.Effect.StopsStore(region) || f.Effect.StopsWeb(region)) || f.Effect.Separates(region, topology.EndControl)
			held := f.Lifted == nil || cause != nil && *f.Lifted >= cause.From
			if away && held && (cause == nil || f.From < cause.From) {
				cause, earlier = f, true
			}
		}
	}
	for i := len(all) - 1; i >= 0 && cause == nil; i-- {
		if f := all[i]; f.Lifted == nil && len(f.Between) == 2 && f.Links().Separates(region, topology.EndControl) {
			cause = f
		}
	}
	return cause
}

// Stopped reports whether a region's replicas answer nobody: a fault that holds stops them, or it is down of itself.
func Stopped(s *drill.State, region string) bool {
	if slices.ContainsFunc(s.Faults, func(f *drill.Fault) bool { return f.Lifted == nil && f.Effect.StopsStore(region) }) {
		return true
	}
	r := s.Region(region)
	return r != nil && r.Health == drill.HealthDown && Cause(s, region) == nil
}

// Faulted reports whether a fault was on a region in a part of a span, or on a region of the same cluster: then that
// it did not run is the fault's doing.
func Faulted(s *drill.State, region string, from, to time.Duration) bool {
	of := s.Region(region)
	for _, f := range s.Faults {
		on := s.Region(f.Region)
		if on == nil || of == nil || on != of && (on.Spec.Cluster == "" || on.Spec.Cluster != of.Spec.Cluster) {
			continue
		}
		if f.From <= to && (f.Lifted == nil || *f.Lifted >= from) {
			return true
		}
	}
	return false
}

// StoodStill is the first standstill that a span on the engine's clock overlaps; nil where there is none.
func StoodStill(s *drill.State, from, to time.Duration) *drill.StandstillNoticed {
	for i, b := range s.Standstills {
		if b.Overlaps(from, to) {
			return &s.Standstills[i]
		}
	}
	return nil
}
