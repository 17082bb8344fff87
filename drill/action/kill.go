package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// kill takes a region away without a word: its process or cluster gets SIGKILL.
var kill = Action{
	Verb: runbook.VerbKill,
	Words: Words{Name: "kill", Done: "killed", Help: "kill the region: SIGKILL, links go silent",
		Key: "K", Group: GroupRegion, Dangerous: true},
	Params:  []param.Param{param.Domain},
	Check:   checkBreak,
	Confirm: confirmImpact,
	Assume:  assumeBroken(drill.FaultKill),
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		return breakDomain(ctx, r, c, drill.FaultKill, true)
	},
	Undo: runbook.VerbRestore,
	Effect: func(f topology.Fleet, c runbook.Command) runbook.Effect {
		return ofTarget(f, c, false)
	},
}
