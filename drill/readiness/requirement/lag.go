package requirement

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// lag is whether every replica is less than so many writes behind its leader.
var lag = Requirement{Name: "lag", Unmet: func(s *drill.State, asked runbook.Require) (why []string) {
	if asked.LagUnder == nil {
		return nil
	}
	under := fmt.Sprintf("under %s is required", format.Plural(int64(*asked.LagUnder), "write", "writes"))
	for _, d := range s.Datasets {
		for _, region := range d.Spec.Regions {
			r := d.Replicas[region]
			switch {
			case region == d.Authority:
			case r == nil || r.Stale || r.LagWrites == nil:
				why = append(why, fmt.Sprintf("how far %s in %s is behind is not known, %s (wait until it answers)", d.Name, region, under))
			case *r.LagWrites >= uint64(*asked.LagUnder):
				why = append(why, fmt.Sprintf("%s in %s is %s behind, %s (wait until it catches up, or widen its link)", d.Name, region, format.Plural(int64(*r.LagWrites), "write", "writes"), under))
			}
		}
	}
	return why
}}
