package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// freeze stops a region's clock: connections hang, nothing answers, nothing is lost.
var freeze = Action{
	Verb: runbook.VerbFreeze,
	Words: Words{Name: "freeze", Done: "frozen", Help: "freeze the region: connections hang",
		Key: "Z", Group: GroupRegion, Dangerous: true},
	Params:  []param.Param{param.Domain},
	Check:   checkBreak,
	Confirm: confirmImpact,
	Assume:  assumeBroken(drill.FaultFreeze),
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		return breakDomain(ctx, r, c, drill.FaultFreeze, false)
	},
	Undo: runbook.VerbRestore,
	Effect: func(f topology.Fleet, c runbook.Command) runbook.Effect {
		return ofTarget(f, c, true)
	},
}
