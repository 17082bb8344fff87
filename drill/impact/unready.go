package impact

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// distrusts reports whether a region that connects anew to another one is refused, by either of them.
func distrusts(e *exposure, region, to string) bool { return trust.Between(e.s, region, to) != nil }

// unready says of the regions that lead then who would not get through to them, and where more users come than they take.
func unready(then *drill.State, outcomes map[string]outcome) (lines []string) {
	for _, d := range then.Datasets {
		o := outcomes[d.Name]
		if !o.moves || o.to == "" || o.to == d.Authority {
			continue
		}
		gone := func(region string) bool { return attribution.Stopped(then, region) }
		q := readiness.Question{State: then, Dataset: d, Region: o.to, Gone: gone}
		for _, f := range q.Ask(readiness.Predicted) {
			if f.Status != preflight.Unready {
				continue
			}
			line := fmt.Sprintf("%s is not ready to lead: %s", o.to, f.Why)
			if f.Check == "trust" { // each who would be refused, in its own words
				for _, no := range trust.Ready(then, o.to, gone) {
					lines = once(lines, no.String())
				}
				continue
			}
			lines = once(lines, line)
		}
	}
	return lines
}

// once adds a line that is not there yet.
func once(lines []string, line string) []string {
	if slices.Contains(lines, line) {
		return lines
	}
	return append(lines, line)
}
