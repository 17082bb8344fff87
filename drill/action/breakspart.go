package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// breaksPart is an action that takes a part of one region away and leaves the rest of it as it is: all of them are done,
// proved and taken back alike, and differ in what that weakens.
func breaksPart(verb runbook.Verb, words Words, effect func(topology.Fleet, runbook.Command) runbook.Effect) Action {
	words.Group, words.Dangerous, words.Rare = GroupRegion, true, true
	return Action{
		Verb: verb, Words: words,
		Params:  []param.Param{param.Region},
		Check:   checkBreak,
		Confirm: confirmImpact,
		Assume:  assumeBroken(drill.FaultKind(verb)),
		Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
			effect := view(r, func(s *drill.State) runbook.Effect { return EffectOf(s.Fleet, c) })
			return breakPart(r, effect, domainFaults(drill.FaultKind(verb), c.Verb, effect), func() (string, error) {
				return r.Platform.Do(ctx, c.Region, string(c.Verb))
			})
		},
		Undo:   runbook.VerbRestore,
		Effect: effect,
	}
}
