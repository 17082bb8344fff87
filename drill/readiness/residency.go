package readiness

import (
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
)

// residency is whether the region may hold the dataset at all, and keeps a replica.
var residency = Check{Name: "residency", Help: "whether the region may hold the dataset, and does", Find: func(q Question) *preflight.Finding {
	if no := rule.MayHold(q.State, q.Dataset, q.Region); no != nil {
		return &preflight.Finding{Status: preflight.Barred, Why: no.Why}
	}
	return ready("may hold " + q.Dataset.Name)
}}
