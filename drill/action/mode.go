package action

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/action/warning"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// mode changes what an acknowledgement of a dataset guarantees.
var mode = Action{
	Verb: runbook.VerbMode,
	Words: Words{Name: "mode", Done: "changed", Help: "how writes are confirmed: async, sync, quorum",
		Key: "m", Group: GroupData},
	Params: []param.Param{param.Dataset, {Name: "mode", Kind: param.KindMode, Example: "async, sync or quorum", Help: "when a write is confirmed"}},
	Check:  checkMode,
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		if lines := warning.Mode(s, c); len(lines) > 0 {
			return &Confirmation{Lines: lines}
		}
		return nil // only the question itself
	},
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		d := s.Dataset(c.Dataset)
		return []drill.Body{drill.ModeChanged{Dataset: d.Name, Was: d.Spec.Durability(), Now: topology.Durability{Mode: c.Mode, With: c.With}, By: c.By}}
	},
	Do: data,
}

func checkMode(s *drill.State, c runbook.Command) *rule.Refusal {
	d := s.Dataset(c.Dataset)
	to := topology.Durability{Mode: c.Mode, With: c.With}
	if d.Spec.Mode == topology.ModePinned {
		return rule.Refuse("set the mode in the fleet file", "%s is pinned: residency is not switched while a drill runs, it decides where data may be", d.Name)
	}
	if d.Spec.Mode == topology.ModeBackup {
		return rule.Refuse("set the mode in the fleet file", "%s is backed up: no store runs in %s that could follow", d.Name, d.Spec.With)
	}
	if _, r := rule.CheckDurability(to); r != nil {
		return r
	}
	if to == d.Spec.Durability() {
		r := rule.Refuse("name another mode", "%s is %s already", d.Name, to)
		for _, done := range slices.Backward(s.Commands) {
			if done.Command.Verb == runbook.VerbMode && done.Command.Dataset == d.Name && done.Ended != nil && done.Error == "" {
				return r.Since(done.ID)
			}
		}
		return r
	}
	if r := rule.Served(s, d); r != nil {
		return r
	}
	if to.Mode == topology.ModeSync {
		if to.With == d.Authority {
			return rule.Refuse("name another region that keeps a replica", "%s leads %s, and sync needs a partner beside it", to.With, d.Name)
		}
		if r := rule.MayLead(s, d, to.With); r != nil {
			r.Why += ", and every write would wait for it"
			return r
		}
	}
	if to.Mode == topology.ModeQuorum {
		if r := rule.TooFewForQuorum(d.Name, len(d.Spec.Regions)); r != nil {
			return r
		}
		up := 0
		for _, region := range d.Spec.Regions {
			if rule.MayLead(s, d, region) == nil {
				up++
			}
		}
		if up < d.Spec.Majority() {
			return rule.Refuse("restore one first", "%d of %s's %d regions are up, and a majority is %d: every write would wait",
				up, d.Name, len(d.Spec.Regions), d.Spec.Majority())
		}
	}
	return nil
}
