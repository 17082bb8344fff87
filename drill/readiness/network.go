package readiness

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// network is whether network policies let the other regions' writes reach the region.
var network = Check{Name: "network", Gates: true, Help: "whether network policies let other regions reach it", Find: func(q Question) *preflight.Finding {
	s := q.State
	if s.Fleet.Config == nil || len(s.Fleet.Regions) < 2 {
		return nil
	}
	var kept, silent []string
	asked := false
	for _, other := range s.Fleet.RegionNames() {
		if other == q.Region || q.Gone(other) || !topology.Governs(s.Fleet, other) {
			continue
		}
		asked = true
		switch {
		case blocks(s, other, q.Region):
			kept = append(kept, other)
		case !surveyed(s, other):
			silent = append(silent, other)
		}
	}
	switch {
	case !asked:
		return nil
	case len(kept) > 0:
		return unready(fmt.Sprintf("no network policy lets %s reach %s", format.Or(kept), q.Region), "give back the network policy")
	case len(silent) > 0:
		return unknown("the network policies of "+format.And(silent)+" are not known", "")
	}
	return ready("other regions may reach it")
}}

// blocks reports whether a region is known to have no network policy that lets it reach another: none at all, by what news has told
// last, or none for that one, by what was read back.
func blocks(s *drill.State, from, to string) bool {
	if refuses(s, from, config.RefusesRegions, "") != "" {
		return true
	}
	return surveyed(s, from) && !s.Config.Region(from).Survey.Has.Reaches(to)
}
