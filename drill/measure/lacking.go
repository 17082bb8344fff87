package measure

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Lacking is what keeps a fleet from being steady, in words. Replicas is what the controllers say of those that have not
// all of their data; it is told where the state alone shows nothing, since it follows from the rest otherwise. Empty says
// that nothing is lacking any more.
func Lacking(s *drill.State, replicas []string) []string {
	var out []string
	for _, r := range s.Regions {
		switch {
		case r.Fault != nil:
			out = append(out, fmt.Sprintf("%s is %s", r.Spec.Name, r.Fault.Done))
		case r.Cordoned:
			out = append(out, r.Spec.Name+" is cordoned")
		case !r.AsWanted():
			out = append(out, r.Spec.Name+" does not serve")
		}
		for _, f := range r.Parts {
			out = append(out, fmt.Sprintf("%s of %s is %s", f.Part, r.Spec.Name, f.Done))
		}
	}
	if hub := s.HubLost(); hub != nil {
		is := string(hub.Health)
		if hub.Fault != nil {
			is = hub.Fault.Done
		}
		out = append(out, hub.Spec.Name+" is "+is)
	}
	for _, f := range s.Failovers {
		if f.Open() {
			out = append(out, f.Dataset+" has no leader, its failover waits"+waitsFor(s, f))
		}
	}
	for _, r := range s.Rejoins {
		if r.Done == nil {
			out = append(out, fmt.Sprintf("%s is not current with %s", r.Region, r.Dataset))
		}
	}
	for _, c := range s.Commands {
		if c.Ended == nil {
			out = append(out, fmt.Sprintf("“%s” is under way", c.Command))
		}
	}
	if len(Unrecovered(s)) > 0 {
		out = append(out, "users are not served as before")
	}
	if len(out) == 0 {
		return replicas
	}
	return out
}

// waitsFor is what an open failover waits for: a person, where the policy has one decide.
func waitsFor(s *drill.State, f *drill.Failover) string {
	if _, decided := f.Ends[drill.StageDecide]; !decided && s.Fleet.Failover.ByOperator() {
		return " for an operator"
	}
	return ""
}
