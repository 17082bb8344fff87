package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// verbHangStore stops a region's store while the rest of the region looks healthy.
const verbHangStore runbook.Verb = "hang-store"

// hangStore stops what keeps a region's data: its ports accept, and no write completes.
var hangStore = Action{
	Verb: verbHangStore,
	Words: Words{Name: "hang the store", Done: "hung", Help: "hang the store: the region looks healthy",
		Key: "G", Group: GroupRegion, Dangerous: true, Rare: true},
	Params:  []param.Param{param.Region},
	Check:   checkBreak,
	Confirm: confirmImpact,
	Assume:  assumeBroken("hang-store"),
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		effect := view(r, func(s *drill.State) runbook.Effect { return EffectOf(s.Fleet, c) })
		return breakPart(ctx, r, effect, domainFaults("hang-store", c.Verb, effect), func() (string, error) {
			return r.Platform.Do(ctx, c.Region, string(c.Verb))
		})
	},
	Undo: runbook.VerbRestore,
	Effect: func(f topology.Fleet, c runbook.Command) runbook.Effect {
		if !f.Has(c.Region) {
			return runbook.Effect{}
		}
		return runbook.Effect{Weakens: []runbook.Weakening{{Region: c.Region, Part: runbook.PartStore, Web: 1, Store: true}}}
	},
}
