package action

import (
	"cmp"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// cordon empties a region without hurting anybody: data moves away, users are sent
// elsewhere, then nothing runs there.
var cordon = Action{
	Verb: runbook.VerbCordon,
	Words: Words{Name: "cordon", Done: "cordoned", Help: "cordon (evacuate): move users, data, work out",
		Key: "c", Group: GroupRegion, Dangerous: true},
	Params: []param.Param{param.Region},
	Check:  checkCordon,
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		ask := confirmImpact(s, c)
		ask.Lines = []string{"to cordon is to evacuate: users are sent elsewhere first, then nothing runs there"}
		return ask
	},
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		var moves []drill.Body
		for _, d := range s.Datasets {
			if d.Authority == c.Region {
				to, _ := readiness.Heir(s, d, c.Region)
				moves = append(moves, drill.SwitchoverDone{Dataset: d.Name, From: c.Region, To: to, Epoch: d.Epoch + 1})
			}
		}
		return append(moves, drill.RegionCordoned{Region: c.Region, On: true})
	},
	Do:   drain,
	Undo: runbook.VerbUncordon,
	Effect: func(_ topology.Fleet, c runbook.Command) runbook.Effect {
		return runbook.Effect{Empties: []string{c.Region}} // those that share its cluster stay
	},
	Moves: true,
}

// checkCordon refuses a region that has nothing to drain, or whose users or data would
// have nowhere to go.
func checkCordon(s *drill.State, c runbook.Command) *rule.Refusal {
	if r := rule.Possible(s, c.Verb); r != nil {
		return r
	}
	if r := rule.Away(s, c.Region); r != nil {
		r.Why += ", so there are no users to move away"
		if s.Region(c.Region).Cordoned {
			r.Why = c.Region + " is cordoned already"
		}
		return r
	}
	others := 0
	for _, r := range s.Regions {
		if r.Spec.Name != c.Region && rule.Away(s, r.Spec.Name) == nil {
			others++
		}
	}
	if others == 0 {
		return rule.Refuse("restore another region first", "no other region is up to take the users of %s", c.Region)
	}
	for _, p := range s.Populations {
		goesOn := policy.Of(s.Fleet, p.Spec, func(region string) bool { return region != c.Region && rule.Away(s, region) == nil })
		if len(goesOn.Shares) == 0 && (p.Region == c.Region || p.Shares[c.Region] > 0) {
			return rule.Refuse("restore another region first", "no other region that may serve %s is up to take its users (routing policy %s)", p.Spec.Name, s.Fleet.Routing.Policy)
		}
	}
	for _, d := range s.Datasets {
		if d.Authority != c.Region {
			continue
		}
		if s.OpenFailover(d.Name) != nil {
			return rule.Served(s, d)
		}
		if to, no := readiness.Heir(s, d, c.Region); to == "" {
			return cmp.Or(no, rule.Refuse("restore another region first", "%s leads %s, and no other region that keeps a replica is up", c.Region, d.Name))
		}
	}
	return nil
}
