package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// verbKillTier takes the stateless tier of a region away and leaves its data where it is.
const verbKillTier runbook.Verb = "kill-tier"

// killTier ends a region's web tier: its users move, its data must not.
var killTier = Action{
	Verb: verbKillTier,
	Words: Words{Name: "kill web tier", Done: "killed", Help: "kill the web tier: users move, data stays",
		Key: "T", Group: GroupRegion, Dangerous: true, Rare: true},
	Params:  []param.Param{param.Region},
	Check:   checkBreak,
	Confirm: confirmImpact,
	Assume:  assumeBroken("kill-tier"),
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		effect := view(r, func(s *drill.State) runbook.Effect { return EffectOf(s.Fleet, c) })
		return breakPart(ctx, r, effect, domainFaults("kill-tier", c.Verb, effect), func() (string, error) {
			return r.Platform.Do(ctx, c.Region, string(c.Verb))
		})
	},
	Undo: runbook.VerbRestore,
	Effect: func(f topology.Fleet, c runbook.Command) runbook.Effect {
		if !f.Has(c.Region) {
			return runbook.Effect{}
		}
		return runbook.Effect{Weakens: []runbook.Weakening{{Region: c.Region, Part: runbook.PartWeb}}}
	},
}
