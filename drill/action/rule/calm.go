package rule

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Recovered reports whether users have recovered from every fault so far, and no command
// but one is under way. What is only slow while a fault holds is no reason to wait: the step that
// lifts it may be the next one.
func Recovered(s *drill.State, but int) bool {
	return len(measure.Unrecovered(s)) == 0 && Idle(s, but)
}

// Idle reports whether no command but one is under way.
func Idle(s *drill.State, but int) bool {
	for _, c := range s.Commands {
		if c.Ended == nil && c.ID != but {
			return false
		}
	}
	return true
}

// Gathered reports whether every region that no fault or cordon holds away serves, the hub is not
// lost by itself, no replica is on its way back, and each such region runs what the repository has, where somebody sees to
// that; and which regions' replicas are held away. One whose web tier was killed serves nobody, and its replicas are expected all
// the same.
func Gathered(s *drill.State) (away map[string]bool, whole bool) {
	hub := s.HubLost()
	away, whole = map[string]bool{}, hub == nil || hub.Fault != nil
	for _, r := range s.Regions {
		away[r.Spec.Name] = r.Fault != nil || r.Cordoned || s.StoreFault(r.Spec.Name) != nil
		if !away[r.Spec.Name] && !r.WebAlone() && !r.AsWanted() {
			whole = false
		}
		if !away[r.Spec.Name] && converging(s, r.Spec.Name) {
			whole = false
		}
	}
	for _, r := range s.Rejoins {
		if r.Done == nil {
			whole = false
		}
	}
	return away, whole
}

// converging reports whether a reconciler has still to bring a region to the newest commit: it is behind, waits for its wave,
// differs, or was not reached. What nobody reconciles stays as it is, and is waited for in vain.
func converging(s *drill.State, region string) bool {
	c := s.Config.Region(region)
	if c == nil || s.Fleet.Config == nil || s.Fleet.Config.Mode == topology.ConfigManual || s.Config.Suspended != nil {
		return false
	}
	if c.Applied == "" { // nothing was told of what it has: nobody could wait for that
		return c.Away != nil || len(s.Config.Open(region)) > 0
	}
	return c.Applied != s.Config.Head.Hash || c.Behind() || c.Away != nil || len(s.Config.Open(region)) > 0
}
