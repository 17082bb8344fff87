package verdict

import (
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var staleEndpoints = Objective{
	Name: "stale_endpoints", Label: "stale endpoints", Unit: Seconds,
	Help: "the longest that a region's calls were sent to a region that did not answer or does not lead",
	Says: []string{"endpoint", "dead address", "discovery"},
	Input: &Input{
		Duration: func(o *runbook.Objectives, d time.Duration) { o.StaleEndpoints = &d },
		Needs:    NeedsMove,
		Lacks: func(f topology.Fleet) string {
			if topology.Discovers(f) {
				return ""
			}
			return "no region of " + f.Name + " finds authorities by itself; leave it out, or write discovery: " + topology.DiscoveryFleet + " into the fleet file"
		},
	},
	Asked:   func(s *drill.State) []Goal { return seconds(s.Plan.Objectives.StaleEndpoints) },
	Measure: func(s *drill.State, _ string) Value { return span(measure.StaleLongest(s)) },
	Detail: func(s *drill.State) string {
		var all []string
		for _, d := range measure.Discoveries(s) {
			if d.For.Known && d.For.D > 0 {
				all = append(all, fmt.Sprintf("%s (%s) called stale endpoints of %s for %s", d.Region, d.Kind, d.Dataset, format.Span(d.For.D)))
			}
		}
		return strings.Join(all, "; ")
	},
}
