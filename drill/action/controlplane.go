package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// verbKillControlPlane takes the API server of a region's cluster away: nothing can be changed there, and all that runs goes on.
const verbKillControlPlane runbook.Verb = "kill-control-plane"

// killControlPlane ends the API server of a region's cluster, which the regions that share it lose too.
var killControlPlane = Action{
	Verb: verbKillControlPlane,
	Words: Words{Name: "kill control plane", Done: "killed", Help: "kill the API server: the region serves on",
		Key: "U", Group: GroupRegion, Dangerous: true, Rare: true},
	Params:  []param.Param{param.Region},
	Check:   checkBreak,
	Confirm: confirmImpact,
	Assume:  assumeBroken("kill-control-plane"),
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		effect := view(r, func(s *drill.State) runbook.Effect { return EffectOf(s.Fleet, c) })
		return breakPart(ctx, r, effect, domainFaults("kill-control-plane", c.Verb, effect), func() (string, error) {
			return r.Platform.Do(ctx, c.Region, string(c.Verb))
		})
	},
	Undo: runbook.VerbRestore,
	Effect: func(f topology.Fleet, c runbook.Command) (e runbook.Effect) {
		for _, region := range f.Domain(c.Region) {
			e.Weakens = append(e.Weakens, runbook.Weakening{Region: region, Part: runbook.PartControlPlane, Web: 1})
		}
		return e
	},
}
