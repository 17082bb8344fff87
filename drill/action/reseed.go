package action

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/action/warning"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// reseed makes a replica lose its disk and copy everything anew.
var reseed = Action{
	Verb: runbook.VerbReseed,
	Words: Words{Name: "reseed", Done: "reseeded", Help: "the replica loses its disk and is copied anew",
		Key: "D", Group: GroupData, Dangerous: true},
	Params: []param.Param{param.Dataset, param.Region},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		d := s.Dataset(c.Dataset)
		if r := rule.MayHold(s, d, c.Region); r != nil {
			return r
		}
		if d.Authority == c.Region && s.OpenFailover(d.Name) == nil {
			return rule.Refuse("switch over first", "%s leads %s: writes that are nowhere else would be gone", c.Region, d.Name).By(runbook.VerbSwitchover)
		}
		if r := rule.Away(s, c.Region); r != nil {
			return r
		}
		if r := rule.Served(s, d); r != nil {
			r.Why = "nothing can be copied: " + r.Why
			return r
		}
		return nil
	},
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		return &Confirmation{Lines: warning.Reseed(s, c)}
	},
	Do: data,
}
