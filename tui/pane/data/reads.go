package data

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/consistency"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawReads is a row: how many of each population's reads lacked what was confirmed before, by how long at the most, and how many
// users found what they had written just before. It returns the rows that it took, 0 where nobody who uses the dataset has read.
func drawReads(a canvas.Area, sc show.Scene, d *drill.DatasetState, y int) int {
	var spans []canvas.Span
	for _, p := range sc.State.Populations {
		stale := consistency.StaleReads(sc.State, p.Spec.Name)
		if !stale.Known() || !slices.Contains(sc.State.Fleet.DatasetsOf(p.Spec), d.Name) {
			continue
		}
		st, text := style.Text, format.Percent(stale.Share())
		if by := consistency.StaleBy(sc.State, p.Spec.Name); by != nil {
			st, text = style.Caution, text+", ≤ "+format.Span(*by)
		}
		if own := consistency.OwnReads(sc.State, p.Spec.Name); own.Known() && own.N < own.Of {
			text += ", own " + format.Percent(own.Share())
		}
		spans = append(spans, canvas.S(style.Label, p.Spec.Name+" "), canvas.S(st, text), canvas.S(style.Label, " · "))
	}
	if y >= a.H || len(spans) == 0 {
		return 0
	}
	spans[len(spans)-1].Text = ""
	drawWhole(a.Rows(y, 1), a.Text(0, y, style.Label, "stale reads  "), spans)
	return 1
}
