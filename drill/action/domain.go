package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
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
	if r := checkPart(s, c); r != nil {
		return r
	}
	for _, region := range c.Falls(s.Fleet) {
		r := rule.Broken(s, region)
		switch {
		case r == nil:
			continue
		case c.Region == "":
			r.Why = fmt.Sprintf("in %s, %s", c.Domain, r.Why)
		case region != c.Region && rule.Broken(s, c.Region) != nil:
			return rule.Broken(s, c.Region)
		case region != c.Region:
			r.Why = fmt.Sprintf("%s shares its cluster with %s: %s", c.Region, region, r.Why)
		}
		return r
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
	for _, w := range effect.Weakens {
		faults = append(faults, drill.FaultProved{Fault: kind, Done: doneBy(verb), Region: w.Region, Part: w.Part, Effect: effect.On(w.Region)})
	}
	return faults
}

// isolation is the name of the hold that keeps a dead region's links silent.
func isolation(region string) string { return "region " + region }

// ofTarget is what taking a region, a wider domain, or a zone of a region away does.
func ofTarget(f topology.Fleet, c runbook.Command, still bool) runbook.Effect {
	if c.Domain.Kind != topology.DomainZone {
		return runbook.Effect{Stops: c.Falls(f), Still: still}
	}
	r, known := topology.RegionOfZone(f, c.Domain.Name)
	if !known {
		return runbook.Effect{}
	}
	zone := c.Domain.Name
	return runbook.Effect{Still: still, Weakens: []runbook.Weakening{{
		Region: r.Name, Part: zone, Web: 1 - topology.ShareOfZone(f, zone), Store: r.ZoneOfStore() == zone,
	}}}
}

// breakDomain breaks a region's failure domain by an op. Where isolate is set its links go
// silent first: a killed process on this machine would send a FIN, a region without power
// does not, and detection would look quicker than it is.
func breakDomain(ctx context.Context, r Rig, c runbook.Command, kind drill.FaultKind, isolate bool) (port.Proof, error) {
	effect := view(r, func(s *drill.State) runbook.Effect { return EffectOf(s.Fleet, c) })
	if c.Domain.Kind == topology.DomainZone {
		return breakPart(r, effect, domainFaults(kind, c.Verb, effect), func() (string, error) {
			return r.Platform.DoZone(ctx, c.Domain.Name, string(c.Verb))
		})
	}
	faults := r.begun(domainFaults(kind, c.Verb, effect)...)
	var holds []string // those of this command: another's stay, whatever comes of it
	if isolate {
		for _, region := range effect.Stops {
			if r.Network.Isolate(isolation(region), region) {
				holds = append(holds, isolation(region))
			}
		}
	}
	proofs, err := eachDomain(ctx, r, c)
	if err != nil {
		for _, hold := range holds {
			r.Network.Lift(hold)
		}
		return port.Proof{}, fail(err, "look at the region with `fleetdrill status`; no fault is counted")
	}
	for i := range faults {
		faults[i].Proof = proofs.of[faults[i].Region]
	}
	r.proved("", faults...)
	return proofs.whole(), nil
}

// proofs is what proved an op, by the first region of each failure domain.
type proofs struct {
	of    map[string]string // region, in the domain of which the proof was found
	order []string
}

func (p proofs) whole() port.Proof {
	var texts []string
	for _, first := range p.order {
		texts = append(texts, p.of[first])
	}
	return port.Proof{Text: strings.Join(slices.Compact(texts), "; ")}
}

// eachDomain does the command's op to each failure domain that it names, to all at once, and returns what proved each.
// Where one fails, those that went before are taken back by the op that undoes it, so that there is one fault or none.
func eachDomain(ctx context.Context, r Rig, c runbook.Command) (proofs, error) {
	a, _ := Find(c.Verb)
	domains := view(r, func(s *drill.State) [][]string { return rule.Clusters(s, c, a.Words.Mends) })
	found, errs := make([]string, len(domains)), make([]error, len(domains))
	var all sync.WaitGroup
	for i, d := range domains {
		all.Go(func() { found[i], errs[i] = r.Platform.Do(ctx, d[0], string(c.Verb)) })
	}
	all.Wait()
	p := proofs{of: map[string]string{}}
	if err := errors.Join(errs...); err != nil {
		if a.Undo != "" && len(domains) > 1 {
			for i, d := range domains {
				if errs[i] == nil {
					_, undone := r.Platform.Do(ctx, d[0], string(a.Undo))
					err = errors.Join(err, undone)
				}
			}
		}
		if len(domains) == 1 {
			err = errs[0]
		}
		return p, err
	}
	for i, d := range domains {
		p.order = append(p.order, d[0])
		for _, region := range d {
			p.of[region] = found[i]
		}
	}
	return p, nil
}

// restoreDomain brings a region's failure domain back. Its links heal once its gateways
// have answered: what was held on them is then reset or delivered, as a returning host would.
func restoreDomain(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	if c.Domain.Kind == topology.DomainZone {
		return restoreZone(ctx, r, c)
	}
	proofs, err := eachDomain(ctx, r, c)
	if err != nil {
		return port.Proof{}, fail(err, "try restore again, or `fleetdrill status` for what is left of it")
	}
	for _, region := range view(r, func(s *drill.State) []string { return c.Falls(s.Fleet) }) {
		r.Network.Lift(isolation(region))
		if f := view(r, func(s *drill.State) *drill.Fault { return s.Region(region).Fault }); f != nil {
			r.Events.Emit(drill.FaultLifted{ID: f.ID, Region: region, Proof: proofs.of[region], Done: doneBy(c.Verb)})
		}
		liftParts(r, region, "", proofs.of[region], doneBy(c.Verb))
	}
	return proofs.whole(), nil
}

// Lifting is the commands that take back all that holds, or is about to: each command's fault
// once in each failure domain, the newest first, then the cordons.
func Lifting(s *drill.State, by string) []runbook.Command {
	var out []runbook.Command
	type part struct {
		command int
		domain  string
	}
	done := map[part]bool{}
	for _, f := range slices.Backward(slices.Concat(s.Faults, s.Proving)) {
		of := part{command: f.Command}
		if d := s.Fleet.Domain(f.Region); len(d) > 0 {
			of.domain = d[0]
		}
		if f.Lifted != nil || done[of] && f.Command != 0 {
			continue
		}
		done[of] = true
		c := runbook.Command{Verb: f.Effect.Undo, Region: f.Region, By: by}
		if topology.IsZone(s.Fleet, f.Part) && s.Region(f.Region) != nil && s.Region(f.Region).Fault == nil {
			c.Region, c.Domain = "", topology.Target{Kind: topology.DomainZone, Name: f.Part}
		}
		if s.Fleet.Hub.Is(f.Region) {
			c.Region, c.Domain = "", topology.Target{Kind: topology.DomainHub, Name: f.Region}
		}
		if len(f.Between) == 2 {
			c = lifting(f, c.Verb, by)
		}
		if undo, known := Find(c.Verb); known && len(undo.Params) == 0 { // of what the fleet has one of
			c = runbook.Command{Verb: c.Verb, By: by}
		}
		if !slices.Contains(out, c) { // a restore of a region brings all of its parts back
			out = append(out, c)
		}
	}
	for _, r := range s.Regions {
		if r.Cordoned {
			out = append(out, runbook.Command{Verb: cordon.Undo, Region: r.Spec.Name, By: by})
		}
	}
	return out
}
