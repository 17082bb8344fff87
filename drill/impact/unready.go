package impact

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
)

// unready says who is passed over by the fleet's gate, and of the regions that lead then who would not get through to them, and where more users come than they take.
func unready(then *drill.State, outcomes map[string]outcome) (lines []string) {
	gone := func(region string) bool { return attribution.Stopped(then, region) }
	for _, d := range then.Datasets {
		o := outcomes[d.Name]
		lines = append(lines, o.passed...)
		if o.moves && o.to != "" && o.to != d.Authority {
			lines = append(lines, readiness.Lines(readiness.Question{State: then, Dataset: d, Region: o.to, Gone: gone})...)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
