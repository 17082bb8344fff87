package action

import (
	"cmp"
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/impact"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
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
		return cmp.Or(rule.MayLead(s, d, c.To), rule.Served(s, d), readiness.Gate(s, d, c.To))
	},
	Confirm: confirmImpact,
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		d := s.Dataset(c.Dataset)
		return []drill.Body{drill.SwitchoverDone{Dataset: d.Name, From: d.Authority, To: c.To, Epoch: d.Epoch + 1}}
	},
	Moves:   true,
	Predict: impact.PredictMove,
	Do:      handOver,
}

// handOver moves an authority on purpose. It is no fault that users recover from: whom it affects is
// counted from when the old authority was fenced to the first write of the new one, over one sample at the
// least, as it was predicted. Of a part of another command, that one counts it.
func handOver(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	began := r.Events.Now()
	proof, err := data(ctx, r, c)
	move := view(r, func(s *drill.State) *drill.Switchover {
		for i := range s.Moves {
			if m := s.Moves[i]; m.Dataset == c.Dataset && m.T >= began {
				return &m
			}
		}
		return nil
	})
	if r.Part || move == nil {
		return proof, err
	}
	fenced := move.T - move.Blocked
	r.Users.OpenImpact(r.ID, fenced)
	_ = r.Sleep(ctx, measure.Resolution) // what waited meanwhile ends after the first write; a drill that ends does not wait
	r.Users.CloseImpact(r.ID, max(move.T, fenced+measure.Resolution))
	return proof, err
}
