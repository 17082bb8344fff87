package pane

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// LostWrites lists every acknowledged write of a dataset that is not there any
// more, by id and by how long before the fault it was acknowledged. It returns
// how many rows there are in all.
func LostWrites(a canvas.Area, v View, dataset string) int {
	rows := lostRows(v.State, dataset)
	for y, r := range rows[min(v.Scroll, len(rows)):] {
		if y >= a.H {
			break
		}
		a.Fit(0, y, 22, theme.Text, r.ID)
		a.Line(24, y, a.W, canvas.S(theme.Label, "acknowledged "), canvas.S(theme.Text, Clock(v.Elapsed(r.Acked))), canvas.S(theme.Label, beforeFault(v.State, dataset, r)))
	}
	return len(rows)
}

func lostRows(s *drill.State, dataset string) []drill.LostWrite {
	var rows []drill.LostWrite
	seen := map[string]bool{}
	for _, c := range s.Checks {
		for _, l := range c.Lost {
			if c.Dataset == dataset && !seen[l.ID] {
				seen[l.ID] = true
				rows = append(rows, l)
			}
		}
	}
	return rows
}

func beforeFault(s *drill.State, dataset string, l drill.LostWrite) string {
	for _, f := range s.Failovers {
		if at, ok := f.Ends[drill.StageFault]; ok && f.Dataset == dataset && at >= l.Acked {
			return fmt.Sprintf(", %s before the fault", Span(at-l.Acked))
		}
	}
	return ""
}
