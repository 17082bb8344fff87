package action

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// promote lets a person decide who takes an authority over that is lost.
var promote = Action{
	Verb: drill.VerbPromote,
	Words: Words{Name: "promote", Done: "promoted", Help: "take the authority from one that is gone",
		Key: "P", Group: GroupData, Mends: true},
	Params: []Param{theDataset, toRegion},
	Check: func(s *drill.State, c drill.Command) *Refusal {
		if r := lost(s, c); r != nil {
			return r
		}
		return leftBehind(s, s.Dataset(c.Dataset), c.To)
	},
	Confirm: func(s *drill.State, c drill.Command) *Confirmation {
		return &Confirmation{Lines: takeoverLines(s, c)}
	},
	Assume: assumeTakeover,
	Moves:  true,
	Do:     data,
}

// takeoverLines says what a takeover may lose: what the authority acknowledged and this
// replica never got, which nobody can ask while the authority is away.
func takeoverLines(s *drill.State, c drill.Command) []string {
	lines := []string{fmt.Sprintf("%s becomes the authority of %s in a new epoch", c.To, c.Dataset)}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return lines
	}
	switch d.Authority {
	case "":
	case c.To:
		lines = append(lines, fmt.Sprintf("it led %s when it was lost: it has what it acknowledged, unless its disk is gone", c.Dataset))
	default:
		lines = append(lines, fmt.Sprintf("acknowledged writes that %s had and %s had not are lost; how many is unknown until the ledger is checked", d.Authority, c.To))
		if by, n := d.Ahead(c.To); n > 0 && by == d.Authority {
			lines[1] = fmt.Sprintf("acknowledged writes that %s had and %s had not are lost: %s by its last answer, and what it took since", d.Authority, c.To, format.Count(n))
		}
	}
	// Who is ahead goes by the position, whatever an engine counts with it; how much
	// that is, only by the entries.
	best, position, has := c.To, uint64(0), uint64(0)
	if r := d.Replicas[c.To]; r != nil {
		position, has = r.Position, r.Entries
	}
	for name, r := range d.Replicas {
		if reg := s.Region(name); reg != nil && reg.Health.Serves() && hangs(d, name) == nil && r.Position > position {
			best, position = name, r.Position
		}
	}
	if best != c.To {
		lines = append(lines, fmt.Sprintf("%s has more of it: %s writes, %s has %s", best, format.Count(d.Replicas[best].Entries), c.To, format.Count(has)))
	}
	return lines
}

// assumeTakeover takes for granted that a region takes the authority over.
func assumeTakeover(s *drill.State, c drill.Command) []drill.Body {
	d := s.Dataset(c.Dataset)
	f := openFailover(s, d)
	if f == nil {
		return nil
	}
	return []drill.Body{drill.FailoverStaged{ID: f.ID, Dataset: d.Name, From: f.From, To: c.To, Epoch: d.Epoch + 1, Stage: drill.StagePromote, End: s.Now}}
}
