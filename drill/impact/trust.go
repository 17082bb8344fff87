package impact

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// distrusts reports whether a region that connects anew to another one is refused, by either of them.
func distrusts(e *exposure, region, to string) bool { return trust.Between(e.s, region, to) != nil }

// untrusted says who would not get through to the regions that lead then.
func untrusted(then *drill.State, outcomes map[string]outcome) (lines []string) {
	said := map[string]bool{}
	for _, d := range then.Datasets {
		o := outcomes[d.Name]
		if !o.moves || o.to == "" || o.to == d.Authority || said[o.to] {
			continue
		}
		said[o.to] = true
		for _, no := range trust.Ready(then, o.to, func(region string) bool { return attribution.Stopped(then, region) }) {
			lines = append(lines, no.String())
		}
	}
	return lines
}
