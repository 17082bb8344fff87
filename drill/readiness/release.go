package readiness

import (
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// release is whether what the region runs would refuse its own users.
var release = Check{Name: "release", Gates: true, Help: "whether its version and flags take its users' requests", Find: func(q Question) *preflight.Finding {
	if !topology.Governs(q.State.Fleet, q.Region) {
		return nil
	}
	if why := refuses(q.State, q.Region, config.RefusesAll, ""); why != "" {
		return unready(why, "revert it")
	}
	if why := refuses(q.State, q.Region, config.RefusesWrites, ""); why != "" {
		return unready(why, "turn it off")
	}
	if !surveyed(q.State, q.Region) {
		return unknown("its version and flags are not known", "")
	}
	return ready("runs " + q.State.Config.VersionOf(q.Region))
}}
