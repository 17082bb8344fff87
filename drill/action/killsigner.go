package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// What is done to the fleet's signer, which is one.
const (
	verbKillSigner    runbook.Verb = "kill-signer"
	verbRestoreSigner runbook.Verb = "restore-signer"
)

// killSigner takes the signer away alone: what it stands beside goes on, and so does everybody who has a certificate, until that runs
// out.
var killSigner = Action{
	Verb: verbKillSigner,
	Words: Words{Name: "kill the signer", Done: "killed", Help: "kill the signer: no certificate is renewed",
		Group: GroupRegion, Dangerous: true, Rare: true},
	Check: func(s *drill.State, _ runbook.Command) *rule.Refusal {
		if r := rule.Led(s); r != nil { // it is gone with its hub
			return r
		}
		return rule.Signed(s)
	},
	Confirm: confirmImpact,
	Assume:  assumeBroken(drill.FaultKind(verbKillSigner)),
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		effect := view(r, func(s *drill.State) runbook.Effect { return EffectOf(s.Fleet, c) })
		return breakPart(r, effect, domainFaults(drill.FaultKind(verbKillSigner), c.Verb, effect), func() (string, error) {
			return r.Trust.Kill(ctx)
		})
	},
	Undo: verbRestoreSigner,
	Effect: func(f topology.Fleet, _ runbook.Command) runbook.Effect {
		if !topology.Secured(f) {
			return runbook.Effect{}
		}
		return runbook.Effect{Weakens: []runbook.Weakening{{Region: topology.SignerAt(f), Part: runbook.PartSigner, Web: 1, Trust: true}}}
	},
}

// restoreSigner starts the signer again, with the keys that it kept.
var restoreSigner = Action{
	Verb: verbRestoreSigner,
	Words: Words{Name: "restore the signer", Done: "restored", Help: "start the signer again: it renews what it can",
		Group: GroupRegion, Mends: true, Rare: true},
	Check: func(s *drill.State, _ runbook.Command) *rule.Refusal {
		if r := rule.Secured(s); r != nil {
			return r
		}
		if trust.Unsigned(s) == nil {
			return rule.Refuse("", "the signer runs: there is nothing to restore")
		}
		return rule.Led(s)
	},
	Assume: func(s *drill.State, _ runbook.Command) []drill.Body {
		return []drill.Body{drill.FaultLifted{ID: trust.Unsigned(s).ID, Region: topology.SignerAt(s.Fleet)}}
	},
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		proof, err := r.Trust.Restore(ctx)
		if err != nil {
			return port.Proof{}, fail(err, "try restore-signer again")
		}
		lost := view(r, trust.Unsigned)
		r.Events.Emit(drill.FaultLifted{ID: lost.ID, Region: lost.Region, Proof: proof, Done: doneBy(c.Verb)})
		return port.Proof{Text: proof}, nil
	},
}
