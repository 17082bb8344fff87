package pane

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// comparison is one line of predicted against measured.
type comparison struct{ what, predicted, measured string }

// CompareHeight is the rows that predicted and measured take; 0 while nothing
// was predicted.
func CompareHeight(v View) int {
	if n := len(compare(v)); n > 0 {
		return n + 1
	}
	return 0
}

func drawCompare(a canvas.Area, v View) {
	rows := compare(v)
	if len(rows) == 0 {
		return
	}
	mid := a.W - 11
	a.Right(mid, 0, theme.Title, "predicted")
	a.Right(a.W, 0, theme.Title, "measured")
	for i, r := range rows {
		a.Fit(0, i+1, mid-9, theme.Label, r.what)
		a.Right(mid, i+1, theme.Caution, r.predicted)
		st := theme.Strong
		if r.measured == none {
			st = theme.Label
		}
		a.Right(a.W, i+1, st, r.measured)
	}
}

// compare holds the last prediction against what was measured since: for all
// users, and for the dataset in focus.
func compare(v View) []comparison {
	s := v.State
	if len(s.Predicted) == 0 {
		return nil
	}
	last := s.Predicted[len(s.Predicted)-1]
	p := last.Impact
	var rows []comparison
	for _, pop := range s.Populations {
		rows = append(rows, comparison{"hurt " + pop.Spec.Name, "~" + Percent(p.Users[pop.Spec.Name]), measuredHarm(s, pop.Last)})
	}
	all := none
	if h := measure.BlastRadius(s); h.Known {
		all = Percent(h.Share)
	}
	rows = append(rows, comparison{"hurt all users", "~" + Percent(p.Share), all})
	if d := v.dataset(); d != nil {
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
	most, lost := unknown, none
	if risk != nil {
		most = "≤ " + Count(*risk)
	}
	if f != nil && f.Check != nil {
		lost = Count(len(f.Check.Lost))
	}
	rows := []comparison{{"lost " + dataset, most, lost}}
	if last.Impact.RTO > 0 {
		rto := none
		if f != nil {
			if took, ok := f.RTO(); ok {
				rto = Span(took)
			}
		}
		rows = append(rows, comparison{"RTO  model", "~" + Span(last.Impact.RTO.Round(100*time.Millisecond)), rto})
	}
	return rows
}

func measuredHarm(s *drill.State, last *drill.PopulationSample) string {
	if last == nil || last.AskedEver == 0 || len(s.Faults) == 0 {
		return none
	}
	return Percent(float64(last.AffectedEver) / float64(last.AskedEver))
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

// DialogLines is a prediction for a person who is about to confirm it.
func DialogLines(p drill.Impact) []string {
	return append([]string{fmt.Sprintf("~%s of all users", Percent(p.Share))}, p.Lines...)
}
