package action

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/succession"
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
		return &Confirmation{Lines: takeoverLines(s, c)}
	},
	Assume: assumeTakeover,
	Moves:  true,
	Do:     data,
}

// takeoverLines says what a takeover may lose: what the authority acknowledged and this
// replica never got, which nobody can ask while the authority is away.
func takeoverLines(s *drill.State, c runbook.Command) []string {
	lines := []string{fmt.Sprintf("%s leads %s from then on, in a new term", c.To, c.Dataset)}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return lines
	}
	q := succession.Of(s, d)
	switch d.Authority {
	case "":
	case c.To:
		lines = append(lines, fmt.Sprintf("it led %s when it was lost: it has what it confirmed, unless its disk is gone", c.Dataset))
	default:
		lines = append(lines, fmt.Sprintf("confirmed writes that %s had and %s had not are lost; how many is counted afterwards", d.Authority, c.To))
		if n := q.Lacks(q.Heard[c.To], d.Authority); n > 0 {
			lines[1] = fmt.Sprintf("confirmed writes that %s had and %s had not are lost: %s by its last answer, and what it took since", d.Authority, c.To, format.Count(n))
		}
	}
	answers := q.Answers(rule.Answering(s, d, c.To))
	if best := q.MostAdvanced(answers); best != "" && answers[best].Newer(answers[c.To]) {
		lines = append(lines, fmt.Sprintf("%s has more of it: %s writes, %s has %s", best, format.Count(answers[best].Entries), c.To, format.Count(answers[c.To].Entries)))
	}
	return lines
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
