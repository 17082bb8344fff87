package recovery

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Comparison is one line of predicted against measured.
type Comparison struct{ What, Predicted, Measured string }

// Beside is the commands whose harm may be in what was measured, in words; "" is none.
func Beside(s *drill.State, command int) string {
	var parts []string
	for _, b := range measure.HarmBeside(s, command) {
		if c := s.Command(b.Command); c != nil {
			parts = append(parts, format.Beside(c.Command.String(), b.Earlier))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "with " + strings.Join(parts, ", ")
}

// compared is the last prediction beside what was measured of its command, laid out for some columns. One without rows
// is none.
type compared struct {
	command []string // in rows of its own where it has no room beside the heads of the columns
	heads   string   // the command where it has
	rows    []Comparison
	open    bool
	others  []string // the commands whose harm may be in what was measured
}

// The columns of what was measured, and those of what was predicted.
const measuredW, predictedW = 11, 10

func compare(sc show.Scene, w int) (c compared) {
	p := lastPrediction(sc.State)
	if p == nil {
		return c
	}
	c.rows, c.open = PredictionRows(sc, *p), p.Measured.Open
	if p.Command != nil {
		c.heads = p.Command.Command.String()
	}
	if canvas.Width(c.heads) > w-measuredW-predictedW {
		c.command, c.heads = canvas.Wrap(c.heads, w), ""
	}
	// A prediction is of its command alone, so it is not held against what others are in.
	if others := Beside(sc.State, p.ID); others != "" {
		c.others = canvas.Wrap(others, w)
	}
	return c
}

// height is the rows that predicted and measured take; 0 while nothing was predicted.
func (c compared) height() int {
	if len(c.rows) == 0 {
		return 0
	}
	return len(c.command) + 1 + len(c.rows) + len(c.others)
}

// draw draws what was predicted beside what was measured.
func (c compared) draw(a canvas.Area) {
	y := 0
	for ; y < len(c.command); y++ {
		a.Text(0, y, style.Title, c.command[y])
	}
	mid := a.W - measuredW
	a.Fit(0, y, mid-predictedW, style.Title, c.heads)
	a.Right(mid, y, style.Title, "predicted")
	a.Right(a.W, y, style.Title, format.Either(c.open, "so far", "measured"))
	for _, r := range c.rows {
		y++
		a.Text(0, y, style.Label, show.Longest(mid-9, []string{r.What, strings.TrimPrefix(r.What, "hurt ")}))
		a.Right(mid, y, style.Caution, r.Predicted)
		st := style.Strong
		if r.Measured == format.None {
			st = style.Label
		}
		a.Right(a.W, y, st, r.Measured)
	}
	for _, l := range c.others {
		y++
		a.Text(0, y, style.Caution, l)
	}
}

func lastPrediction(s *drill.State) *measure.Prediction {
	all := measure.Predictions(s)
	if len(all) == 0 {
		return nil
	}
	return &all[len(all)-1]
}

// PredictionRows holds one prediction against what was measured of its command: for all users, and for
// the dataset in focus.
func PredictionRows(sc show.Scene, p measure.Prediction) []Comparison {
	var rows []Comparison
	for _, pop := range sc.State.Populations {
		name := pop.Spec.Name
		rows = append(rows, Comparison{"hurt " + name, "~" + format.Percent(p.Predicted.Users[name]), shareText(measure.AffectedBy(sc.State, p.ID, name))})
	}
	rows = append(rows, Comparison{"hurt all users", "~" + format.Percent(p.Predicted.Share), shareText(p.Measured)})
	if d := sc.Chosen(); d != nil {
		rows = append(rows, compareDataset(sc.State, p, d.Name)...)
	}
	return rows
}

func shareText(a measure.Affected) string {
	if !a.Known {
		return format.None
	}
	return format.Percent(a.Share)
}

// compareDataset is what losing its authority was predicted to cost a dataset;
// nothing where it was not to lose it.
func compareDataset(s *drill.State, p measure.Prediction, dataset string) []Comparison {
	risk, moved := p.Predicted.WritesAtRisk[dataset]
	if !moved {
		return nil
	}
	most, lost, rto := format.Unknown, format.None, format.None
	if risk != nil {
		most = "≤ " + format.Count(*risk)
	}
	if n := p.Lost(s, dataset); n.Known && !n.AtLeast {
		lost = format.Count(n.N)
	}
	if m, found := p.Moves[dataset]; found {
		if took := m.RTO(s); took.Known && !took.AtLeast {
			rto = format.Span(took.D)
		}
	}
	rows := []Comparison{{"lost " + dataset, most, lost}}
	if p.Predicted.RTO > 0 {
		rows = append(rows, Comparison{"RTO  model", "~" + format.Span(p.Predicted.RTO), rto})
	}
	return rows
}
