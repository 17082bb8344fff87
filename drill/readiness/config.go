package readiness

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// configured is whether the region runs what its repository says.
var configured = Check{Name: "config", Gates: true, Help: "whether it has the revision that it is to have, and nothing differs from it", Find: func(q Question) *preflight.Finding {
	if !topology.Governs(q.State.Fleet, q.Region) {
		return nil
	}
	s, r := q.State.Config, q.State.Config.Region(q.Region)
	switch {
	case r == nil || r.Applied == "":
		return unknown("which revision it has is not known", "")
	case r.Failed != nil:
		return unready(r.Failed.Why, "look at its reconciler")
	case r.Behind():
		return unready(fmt.Sprintf("has %s, and is to have %s", config.Short(r.Applied), config.Short(r.Wanted)), "wait for its reconciler")
	}
	if fields := s.Open(q.Region); len(fields) > 0 {
		next := "its reconciler puts it right"
		if q.State.Fleet.Config.Mode == topology.ConfigManual {
			next = "put it right: nobody reconciles in manual mode"
		}
		return unready(format.Fields(fields), next)
	}
	if since := gitops.Unknown(q.State, q.Region); since != nil {
		next := ""
		if s.Suspended != nil {
			next = "restore the hub"
		}
		return unknown("nobody can have compared it since "+format.Clock(since.At)+": "+since.Why, next)
	}
	return ready("has " + config.Short(r.Applied))
}}
