package action

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// switchover moves an authority while it serves, losing nothing.
var switchover = Action{
	Verb: runbook.VerbSwitchover,
	Words: Words{Name: "switch over", Done: "switched over", Help: "have this region lead, losing nothing",
		Key: "F", Group: GroupData},
	Params: []Param{theDataset, toRegion},
	Check: func(s *drill.State, c runbook.Command) *Refusal {
		d := s.Dataset(c.Dataset)
		if r := mayHold(s, d, c.To); r != nil {
			return r
		}
		if d.Authority == c.To && served(s, d) == nil {
			return refuse("choose another region", "%s leads %s already", c.To, d.Name)
		}
		if r := mayLead(s, d, c.To); r != nil {
			return r
		}
		return served(s, d)
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
