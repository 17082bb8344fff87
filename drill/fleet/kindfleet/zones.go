package kindfleet

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// DoZone implements fleet.Platform.
func (p *Platform) DoZone(_ context.Context, zone string, op fleet.Op) (fleet.Proof, error) {
	return fleet.Proof{}, &fleet.Cannot{Why: "its clusters have one node"}
}
