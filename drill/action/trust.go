package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// verbMendTrust gives a region back what was broken of its trust.
const verbMendTrust runbook.Verb = "mend-trust"

// breaksTrust is an action that breaks by what one region and others take each other for what they are: all of them are proved
// by what the region's gateway then says of itself, and taken back alike. The region goes on. Connections that are open go on
// too: who is refused is who connects anew.
func breaksTrust(verb runbook.Verb, part string, words Words, check func(*drill.State, runbook.Command) *rule.Refusal) Action {
	words.Group, words.Dangerous, words.Rare = GroupRegion, true, true
	return Action{
		Verb: verb, Words: words,
		Params: []param.Param{param.Region},
		Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
			if r := rule.Signed(s); r != nil {
				return r
			}
			if r := rule.Away(s, c.Region); r != nil {
				return r
			}
			if r := checkPart(s, c); r != nil {
				return r
			}
			if check != nil {
				return check(s, c)
			}
			return nil
		},
		Confirm: confirmImpact,
		Assume:  assumeBroken(drill.FaultKind(verb)),
		Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
			effect := view(r, func(s *drill.State) runbook.Effect { return EffectOf(s.Fleet, c) })
			return breakPart(r, effect, domainFaults(drill.FaultKind(verb), c.Verb, effect), func() (string, error) {
				return r.Trust.Break(ctx, c.Region, string(verb))
			})
		},
		Undo: verbMendTrust,
		Effect: func(f topology.Fleet, c runbook.Command) runbook.Effect {
			if !f.Has(c.Region) {
				return runbook.Effect{}
			}
			return runbook.Effect{Weakens: []runbook.Weakening{{Region: c.Region, Part: part, Web: 1, Trust: true}}}
		},
	}
}

// mendTrust ends all that is broken of a region's trust.
var mendTrust = Action{
	Verb: verbMendTrust,
	Words: Words{Name: "mend trust", Done: "mended", Help: "give a region bundles and certificate again",
		Group: GroupRegion, Mends: true, Rare: true},
	Params: []param.Param{param.Region},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		if r := rule.Away(s, c.Region); r != nil {
			return r
		}
		if len(rule.BrokenParts(s, c.Region, verbMendTrust)) == 0 {
			return rule.Refuse("", "nothing of %s's trust is broken: there is nothing to mend", c.Region)
		}
		return rule.Signed(s)
	},
	Assume: func(s *drill.State, c runbook.Command) (out []drill.Body) {
		for _, f := range rule.BrokenParts(s, c.Region, verbMendTrust) {
			out = append(out, drill.FaultLifted{ID: f.ID, Region: c.Region})
		}
		return out
	},
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		proof, err := r.Trust.Mend(ctx, c.Region)
		if err != nil {
			return port.Proof{}, fail(err, "try mend-trust again")
		}
		for _, f := range view(r, func(s *drill.State) []*drill.Fault { return rule.BrokenParts(s, c.Region, verbMendTrust) }) {
			r.Events.Emit(drill.FaultLifted{ID: f.ID, Region: c.Region, Proof: proof, Done: doneBy(c.Verb)})
		}
		return port.Proof{Text: proof}, nil
	},
}
