package action

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/action/warning"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// promote lets a person decide who takes an authority over that is lost.
var promote = Action{
	Verb: runbook.VerbPromote,
	Words: Words{Name: "promote", Done: "promoted", Help: "have this region lead: its leader is lost",
		Key: "P", Group: GroupData, Mends: true},
	Params: []param.Param{param.Dataset, param.To},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		if r := rule.Lost(s, c); r != nil {
			return r
		}
		return rule.LeftBehind(s, s.Dataset(c.Dataset), c.To)
	},
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		return &Confirmation{Lines: warning.Takeover(s, c)}
	},
	Assume: assumeTakeover,
	Moves:  true,
	Do:     data,
}

// assumeTakeover takes for granted that a region takes the authority over.
func assumeTakeover(s *drill.State, c runbook.Command) []drill.Body {
	d := s.Dataset(c.Dataset)
	f := s.OpenFailover(d.Name)
	if f == nil {
		return nil
	}
	return []drill.Body{drill.FailoverStaged{ID: f.ID, Dataset: d.Name, From: f.From, To: c.To, Epoch: d.Epoch + 1, Stage: drill.StagePromote, End: s.Now}}
}
