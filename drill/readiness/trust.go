package readiness

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// trusted is whether the other regions and this one take each other's certificates.
var trusted = Check{Name: "trust", Gates: true, Help: "whether it and the other regions take each other's certificates", Find: func(q Question) *preflight.Finding {
	if !topology.Secured(q.State.Fleet) {
		return nil
	}
	if i := q.State.Identity(q.Region); i == nil || i.SVID == nil {
		return unknown("its certificate is not known", "")
	}
	no := trust.Ready(q.State, q.Region, q.Gone)
	switch len(no) {
	case 0:
		return ready("certificates are taken")
	case 1:
		return unready(no[0].String(), "mend-trust it")
	}
	return unready(fmt.Sprintf("%s, and %d more", no[0], len(no)-1), "mend-trust it")
}}
