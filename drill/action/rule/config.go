package rule

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Governed refuses what needs a repository where none governs the fleet.
func Governed(s *drill.State) *Refusal {
	if s.Fleet.Config == nil {
		return Refuse("", "no repository governs this fleet: its file has no config")
	}
	return nil
}

// Unmended is why users don't recover from a fault by themselves, however long that is waited for: a region that serves them, or leads what
// they write to, refuses them by what somebody changed by hand, and nobody reconciles it; "" where that is not so.
func Unmended(s *drill.State) string {
	if how := s.Fleet.Config; how == nil || how.Mode != topology.ConfigManual || s.Config == nil || len(measure.Unrecovered(s)) == 0 {
		return ""
	}
	var asked []string
	for _, d := range s.Datasets {
		asked = append(asked, d.Authority)
	}
	for _, p := range s.Populations {
		asked = append(asked, p.Region)
	}
	for _, region := range slices.Compact(asked) {
		for _, r := range s.Config.Restrictions(region) {
			if r.Drifted {
				return region + ": " + r.Why + ", and in manual mode nobody puts that right"
			}
		}
	}
	return ""
}
