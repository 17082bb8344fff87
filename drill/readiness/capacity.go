package readiness

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// tolerated is the share of a region's requests that may have no room there before a gate passes the region over: a choice of ours. A
// little too much is answered late, or again by a retry, and the rates are a model's; a gate that then holds every write of a dataset
// would cost more than it saves.
const tolerated = 0.1

// capacity is whether the region's web tier takes the users that it gets once the leader's region is lost (N-1).
var capacity = Check{Name: "capacity", Help: "whether it takes the users it gets when the leader is lost (N-1)", Find: func(q Question) *preflight.Finding {
	takes, limited := measure.CapacityOf(q.State, q.Region)
	if q.State.Fleet.Failover.ScaleWeb {
		takes = max(takes, measure.PerReplica(q.State, q.Region)*float64(q.State.Fleet.Web.Replicas))
	}
	if !limited {
		return nil
	}
	gets := LoadWithout(q.State, q.Region, q.Gone)
	if gets > takes {
		short := unready(fmt.Sprintf("would get %s requests/s, and takes %s", format.Count(int64(gets)), format.Count(int64(takes))), "scale it")
		short.Gates = takes < gets*(1-tolerated)
		return short
	}
	return ready(fmt.Sprintf("would get %s requests/s of %s that it takes", format.Count(int64(gets)), format.Count(int64(takes))))
}}

// LoadWithout is the requests a second that users send to a region once some are gone, by the router's policy: the rates of the
// populations that it sends there, without what they send again.
func LoadWithout(s *drill.State, region string, gone func(string) bool) (rate float64) {
	for _, p := range s.Populations {
		answer := policy.Of(s.Fleet, p.Spec, func(r string) bool {
			is := s.Region(r)
			return is != nil && is.Health.Serves() && !gone(r)
		})
		rate += p.Spec.Rate * answer.Part(region)
	}
	return rate
}

// Short is a region that has no room for the users it would get.
type Short struct {
	Region string
	preflight.Finding
}

// Without is the regions without room for the users they would get if one were lost, with all that falls with it (N-1).
func Without(s *drill.State, lost string) (all []Short) {
	gone := Lost(s, lost)
	for _, region := range s.Fleet.RegionNames() {
		if gone(region) {
			continue
		}
		if f := capacity.Find(Question{State: s, Region: region, Gone: gone}); f != nil && f.Status == preflight.Unready {
			all = append(all, Short{region, *f})
		}
	}
	return all
}
