package pane

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// comparison is one line of predicted against measured.
type comparison struct{ what, predicted, measured string }

// CompareHeight is the rows that predicted and measured take; 0 while nothing
// was predicted.
func CompareHeight(v View) int {
	if n := len(comparisons(v)); n > 0 {
		return n + 1
	}
	return 0
}

func Compare(a canvas.Area, v View) {
	rows := comparisons(v)
	if len(rows) == 0 {
		return
	}
	mid := a.W - 11
	a.Right(mid, 0, style.Title, "predicted")
	a.Right(a.W, 0, style.Title, "measured")
	for i, r := range rows {
		a.Fit(0, i+1, mid-9, style.Label, r.what)
		a.Right(mid, i+1, style.Caution, r.predicted)
		st := style.Strong
		if r.measured == format.None {
			st = style.Label
		}
		a.Right(a.W, i+1, st, r.measured)
	}
}

// compare holds the last prediction against what was measured since: for all
// users, and for the dataset in focus.
func comparisons(v View) []comparison {
	s := v.State
	if len(s.Predicted) == 0 {
		return nil
	}
	last := s.Predicted[len(s.Predicted)-1]
	p := last.Impact
	var rows []comparison
	for _, pop := range s.Populations {
		rows = append(rows, comparison{"hurt " + pop.Spec.Name, "~" + format.Percent(p.Users[pop.Spec.Name]), affectedOf(s, pop.Last)})
	}
	all := format.None
	if h := s.AffectedEver(); h.Known {
		all = format.Percent(h.Share)
	}
	rows = append(rows, comparison{"hurt all users", "~" + format.Percent(p.Share), all})
	if d := v.Chosen(); d != nil {
		rows = append(rows, compareDataset(s, last, d.Name)...)
	}
	return rows
}

// compareDataset is what losing its authority was predicted to cost a dataset;
// nothing where it was not to lose it.
func compareDataset(s *drill.State, last drill.ImpactPredicted, dataset string) []comparison {
	risk, moved := last.Impact.WritesAtRisk[dataset]
	if !moved {
		return nil
	}
	f := failoverSince(s, last.ID, dataset)
	most, lost := format.Unknown, format.None
	if risk != nil {
		most = "≤ " + format.Count(*risk)
	}
	if f != nil && f.Check != nil {
		lost = format.Count(len(f.Check.Lost))
	}
	rows := []comparison{{"lost " + dataset, most, lost}}
	if last.Impact.RTO > 0 {
		rto := format.None
		if f != nil {
			if took, ok := f.RTO(); ok {
				rto = format.Span(took)
			}
		}
		rows = append(rows, comparison{"RTO  model", "~" + format.Span(last.Impact.RTO.Round(100*time.Millisecond)), rto})
	}
	return rows
}

func affectedOf(s *drill.State, last *drill.PopulationSample) string {
	if last == nil || last.AskedEver == 0 || len(s.Faults) == 0 {
		return format.None
	}
	return format.Percent(float64(last.AffectedEver) / float64(last.AskedEver))
}

// failoverSince is the first failover of a dataset after a command was taken.
func failoverSince(s *drill.State, command int, dataset string) *drill.Failover {
	for _, c := range s.Commands {
		if c.ID != command {
			continue
		}
		for _, f := range s.Failovers {
			if f.Dataset == dataset && f.Ends[drill.StageFault] >= c.Began {
				return f
			}
		}
	}
	return nil
}

// ImpactLines is a prediction for a person who is about to confirm it.
func ImpactLines(p drill.Impact) []string {
	return append([]string{fmt.Sprintf("~%s of all users", format.Percent(p.Share))}, p.Lines...)
}
