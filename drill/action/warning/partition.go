package warning

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Partition says what a partition does, beside whom it is predicted to affect.
func Partition(s *drill.State, c runbook.Command) []string {
	a, b, oneWay := c.Endpoints()
	form := "%s and %s hear nothing of each other any more"
	if oneWay {
		form = "nothing gets from %s to %s any more"
	}
	name := func(end string) string {
		if end == topology.EndOthers {
			return "all other regions and the controller"
		}
		return end
	}
	lines := []string{fmt.Sprintf(form, name(a), name(b))}
	for _, d := range s.Datasets {
		if slices.Contains(d.Spec.Regions, a) && slices.Contains(d.Spec.Regions, b) && (d.Authority == a || d.Authority == b) {
			lines = append(lines, fmt.Sprintf("%s is no longer copied between them", d.Name))
		}
	}
	return lines
}
