package measure

import "github.com/fleetdrill/fleetdrill/drill"

// LoadOf is the requests per second that users send to a region, by their rates and by who answered them in the last sample.
func LoadOf(s *drill.State, region string) float64 {
	rate := 0.0
	for _, p := range s.Populations {
		rate += p.Spec.Rate * ShareServedBy(p, region)
	}
	return rate
}

// PerReplica is the requests per second that each web replica of a region takes, 0 for any number: what the fleet file says, until
// the region was given something else.
func PerReplica(s *drill.State, region string) float64 {
	if told, is := s.Config.CapacityOf(region); is {
		return told
	}
	return s.Fleet.Web.PerReplica()
}

// CapacityOf is the requests per second that a region's web replicas take together; false where that is unlimited.
func CapacityOf(s *drill.State, region string) (perSecond float64, limited bool) {
	r, each := s.Region(region), PerReplica(s, region)
	if r == nil || each == 0 && r.Web > 0 {
		return 0, false
	}
	return each * float64(r.Web), true
}
