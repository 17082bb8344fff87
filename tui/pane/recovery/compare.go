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

// compareHeight is the rows that predicted and measured take; 0 while nothing
// was predicted.
func compareHeight(sc show.Scene) int {
	n := len(comparisons(sc))
	if n == 0 {
		return 0
	}
	if Beside(sc.State, lastPrediction(sc.State).ID) != "" {
		n++
	}
	return n + 1
}

// compareLast draws what was predicted of the last command that was predicted, beside what
// was measured of the same one.
func compareLast(a canvas.Area, sc show.Scene) {
	rows := comparisons(sc)
	if len(rows) == 0 {
		return
	}
	mid := a.W - 11
	p := lastPrediction(sc.State)
	if p.Command != nil {
		a.Fit(0, 0, mid-10, style.Title, p.Command.Command.String())
	}
	// A prediction is of its command alone, so it is not held against what others are in.
	others := Beside(sc.State, p.ID)
	if others != "" {
		a.Fit(0, len(rows)+1, a.W, style.Caution, others)
	}
	a.Right(mid, 0, style.Title, "predicted")
	a.Right(a.W, 0, style.Title, format.Either(p.Measured.Open, "so far", "measured"))
	for i, r := range rows {
		a.Fit(0, i+1, mid-9, style.Label, r.What)
		a.Right(mid, i+1, style.Caution, r.Predicted)
		st := style.Strong
		if r.Measured == format.None {
			st = style.Label
		}
		a.Right(a.W, i+1, st, r.Measured)
	}
}

func lastPrediction(s *drill.State) *measure.Prediction {
	all := measure.Predictions(s)
	if len(all) == 0 {
		return nil
	}
	return &all[len(all)-1]
}

// comparisons holds the last prediction against what was measured of its command: for
// all users, and for the dataset in focus.
func comparisons(sc show.Scene) []Comparison {
	p := lastPrediction(sc.State)
	if p == nil {
		return nil
	}
	return PredictionRows(sc, *p)
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
