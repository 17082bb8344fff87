package rule

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Recovered reports whether users have recovered from every fault so far, and no command
// but one is under way. What is only slow while a fault holds is no reason to wait: the step that
// lifts it may be the next one.
func Recovered(s *drill.State, but int) bool {
	if len(measure.Unrecovered(s)) > 0 {
		return false
	}
	for _, c := range s.Commands {
		if c.Ended == nil && c.ID != but {
			return false
		}
	}
	return true
}

// Gathered reports whether every region that no fault or cordon holds away serves, the hub is not
// lost by itself, and no replica is on its way back; and which regions' replicas are held away. One
// whose web tier was killed serves nobody, and its replicas are expected all the same.
func Gathered(s *drill.State) (away map[string]bool, whole bool) {
	hub := s.HubLost()
	away, whole = map[string]bool{}, hub == nil || hub.Fault != nil
	for _, r := range s.Regions {
		away[r.Spec.Name] = r.Fault != nil || r.Cordoned || s.StoreFault(r.Spec.Name) != nil
		if !away[r.Spec.Name] && !r.WebAlone() && !r.AsWanted() {
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
