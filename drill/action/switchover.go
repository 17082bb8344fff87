package action

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/impact"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// switchover moves an authority while it serves, losing nothing.
var switchover = Action{
	Verb: runbook.VerbSwitchover,
	Words: Words{Name: "switch over", Done: "switched over", Help: "have this region lead, losing nothing",
		Key: "F", Group: GroupData},
	Params: []param.Param{param.Dataset, param.To},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		d := s.Dataset(c.Dataset)
		if r := rule.MayHold(s, d, c.To); r != nil {
			return r
		}
		if d.Authority == c.To && rule.Served(s, d) == nil {
			return rule.Refuse("choose another region", "%s leads %s already", c.To, d.Name)
		}
		if r := rule.MayLead(s, d, c.To); r != nil {
			return r
		}
		return rule.Served(s, d)
	},
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		p := impact.PredictMove(s, c)
		return &Confirmation{Impact: &p}
	},
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		d := s.Dataset(c.Dataset)
		return []drill.Body{drill.SwitchoverDone{Dataset: d.Name, From: d.Authority, To: c.To, Epoch: d.Epoch + 1}}
	},
	Moves: true,
	Do:    data,
}
