package requirement

import (
	"cmp"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// ready is whether every region that may lead a dataset is ready to, by the preflight. One that never may need not be.
var ready = Requirement{Name: "ready", Unmet: func(s *drill.State, asked runbook.Require) (why []string) {
	if !asked.Ready {
		return nil
	}
	for _, t := range readiness.Every(s) {
		if t.Status() == preflight.Barred {
			continue
		}
		for _, f := range t.Against() {
			why = append(why, fmt.Sprintf("%s is not ready to lead %s, %s: %s (%s)", t.Region, t.Dataset, f.Check, f.Why, cmp.Or(f.Next, "see the preflight")))
		}
	}
	return why
}}
