package readiness

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// roles is whether a role of the region lets the dataset be written there.
var roles = Check{Name: "roles", Gates: true, Help: "whether a role lets the dataset be written there", Find: func(q Question) *preflight.Finding {
	if !topology.Governs(q.State.Fleet, q.Region) {
		return nil
	}
	switch why := refuses(q.State, q.Region, config.RefusesDataset, q.Dataset.Name); {
	case why != "":
		return unready(why+": writes are refused (403)", "give it back the role "+config.Writer+q.Dataset.Name)
	case !surveyed(q.State, q.Region):
		return unknown("its roles are not known", "")
	}
	return ready("may write " + q.Dataset.Name)
}}

// refuses is why a region is known to refuse a thing by what it runs; "" where it is not.
func refuses(s *drill.State, region, kind, dataset string) string {
	if s.Config == nil {
		return ""
	}
	all := s.Config.Restrictions(region)
	if i := slices.IndexFunc(all, func(r config.Restriction) bool { return r.Kind == kind && r.Dataset == dataset }); i >= 0 {
		return all[i].Why
	}
	return ""
}

// surveyed reports whether it was read back what a region runs: what no news has told of is as it is to be then, and only then.
func surveyed(s *drill.State, region string) bool {
	r := s.Config.Region(region)
	return r != nil && r.Survey != nil
}
