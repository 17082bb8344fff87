package requirement

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// nMinusOne is whether the other regions take the users of any one that is lost.
var nMinusOne = Requirement{Name: "n_minus_1", Unmet: func(s *drill.State, asked runbook.Require) (why []string) {
	if !asked.NMinusOne {
		return nil
	}
	for _, lost := range s.Fleet.RegionNames() {
		for _, f := range readiness.Without(s, lost) {
			why = append(why, fmt.Sprintf("without %s, %s %s (%s)", lost, f.Region, f.Why, f.Next))
		}
	}
	return why
}}
