package readiness

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
)

// region is whether the region answers, with its store.
var region = Check{Name: "region", Help: "whether it answers, and the controller reaches it", Find: func(q Question) *preflight.Finding {
	r := q.State.Region(q.Region)
	if r != nil && r.Fault == nil && (r.Health == "" || r.Health == drill.HealthUnknown || r.Health == drill.HealthStarting) {
		return unknown(q.Region+" has not answered yet", "wait until it does")
	}
	if no := rule.Away(q.State, q.Region); no != nil {
		return unready(no.Why, no.Next)
	}
	return ready(q.Region + " is " + string(r.Health))
}}
