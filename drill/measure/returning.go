package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// HeldDown is for how long a region that answers again is held down yet; 0 where it is not.
func HeldDown(s *drill.State, r *drill.RegionState) time.Duration {
	if r.Fault != nil || r.HeldUntil == 0 {
		return 0
	}
	return max(0, r.HeldUntil-s.Now)
}

// RampPart is which part of its share, from 0 to 1, the router sends to a region: less than 1 while it ramps up.
func RampPart(s *drill.State, r *drill.RegionState) float64 {
	if r.Ramped == nil || !r.Health.Serves() {
		return 1
	}
	return s.Fleet.Routing.Ramped(s.Now - *r.Ramped)
}
