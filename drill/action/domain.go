package action

import (
	"context"
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// What breaks a region breaks all regions of its failure domain, and is one fault on each.

// checkBreak is the rule of faults on a region: there is something left to break, here and
// in every region that shares its failure domain.
//
// A cordoned region is taken for broken here too: a restore is proved by the answer of every
// region of the domain, and one that was emptied gives none.
func checkBreak(s *drill.State, c runbook.Command) *rule.Refusal {
	if r := rule.Possible(s, c.Verb); r != nil {
		return r
	}
	if r := rule.Broken(s, c.Region); r != nil {
		return r
	}
	for _, region := range s.Fleet.Domain(c.Region) {
		if r := rule.Broken(s, region); r != nil {
			r.Why = fmt.Sprintf("%s shares its cluster with %s: %s", c.Region, region, r.Why)
			return r
		}
	}
	return nil
}

// assumeBroken takes for granted that a fault on a region takes effect.
func assumeBroken(kind drill.FaultKind) func(*drill.State, runbook.Command) []drill.Body {
	return func(s *drill.State, c runbook.Command) []drill.Body {
		var out []drill.Body
		for i, f := range domainFaults(kind, c.Verb, EffectOf(s.Fleet, c)) {
			f.ID, f.Command, f.From = len(s.Faults)+1+i, len(s.Commands), s.Now
			out = append(out, f)
		}
		return out
	}
}

// domainFaults is a verb's faults on the regions that its effect stops, not numbered yet.
func domainFaults(kind drill.FaultKind, verb runbook.Verb, effect runbook.Effect) []drill.FaultProved {
	var faults []drill.FaultProved
	for _, region := range effect.Stops {
		faults = append(faults, drill.FaultProved{Fault: kind, Done: doneBy(verb), Region: region, Effect: effect.On(region)})
	}
	return faults
}

// isolation is the name of the hold that keeps a dead region's links silent.
func isolation(region string) string { return "region " + region }

// breakDomain breaks a region's failure domain by an op. Where isolate is set its links go
// silent first: a killed process on this machine would send a FIN, a region without power
// does not, and detection would look quicker than it is.
func breakDomain(ctx context.Context, r Rig, c runbook.Command, kind drill.FaultKind, isolate bool) (port.Proof, error) {
	effect := view(r, func(s *drill.State) runbook.Effect { return EffectOf(s.Fleet, c) })
	faults := r.begun(domainFaults(kind, c.Verb, effect)...)
	var holds []string // those of this command: another's stay, whatever comes of it
	if isolate {
		for _, region := range effect.Stops {
			if r.Network.Isolate(isolation(region), region) {
				holds = append(holds, isolation(region))
			}
		}
	}
	proof, err := r.Platform.Do(ctx, c.Region, string(c.Verb))
	if err != nil {
		for _, hold := range holds {
			r.Network.Lift(hold)
		}
		return port.Proof{}, fail(err, "look at the region with `fleetdrill status`; no fault is counted")
	}
	r.proved(proof, faults...)
	return port.Proof{Text: proof}, nil
}

// restoreDomain brings a region's failure domain back. Its links heal once its gateways
// have answered: what was held on them is then reset or delivered, as a returning host would.
func restoreDomain(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	proof, err := r.Platform.Do(ctx, c.Region, string(c.Verb))
	if err != nil {
		return port.Proof{}, fail(err, "try restore again, or `fleetdrill status` for what is left of it")
	}
	for _, region := range view(r, func(s *drill.State) []string { return s.Fleet.Domain(c.Region) }) {
		r.Network.Lift(isolation(region))
		if f := view(r, func(s *drill.State) *drill.Fault { return s.Region(region).Fault }); f != nil {
			r.Events.Emit(drill.FaultLifted{ID: f.ID, Region: region, Proof: proof, Done: doneBy(c.Verb)})
		}
	}
	return port.Proof{Text: proof}, nil
}

// Lifting is the commands that take back all that holds, or is about to: each command's fault
// once, the newest first, then the cordons.
func Lifting(s *drill.State, by string) []runbook.Command {
	var out []runbook.Command
	done := map[int]bool{}
	for _, f := range slices.Backward(slices.Concat(s.Faults, s.Proving)) {
		if f.Lifted != nil || done[f.Command] && f.Command != 0 {
			continue
		}
		done[f.Command] = true
		c := runbook.Command{Verb: f.Effect.Undo, Region: f.Region, By: by}
		if len(f.Between) == 2 {
			c = lifting(f, c.Verb, by)
		}
		out = append(out, c)
	}
	for _, r := range s.Regions {
		if r.Cordoned {
			out = append(out, runbook.Command{Verb: cordon.Undo, Region: r.Spec.Name, By: by})
		}
	}
	return out
}
