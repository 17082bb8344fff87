package compared

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// The columns of what a row is of, at most, and of a run's number, at least and at most.
const labelWidth, leastCell, mostCell = 34, 10, 26

// drawTable draws the numbers of all runs, with a mark where they differ; it returns the rows.
func drawTable(a canvas.Area, c comparison.Comparison) int {
	label := 0
	for _, r := range c.Rows {
		label = max(label, canvas.Width(r.What))
	}
	label = min(label, labelWidth, max(a.W-2-len(c.Runs)*leastCell, leastCell))
	cell := min((a.W-2-label)/len(c.Runs), mostCell)
	put := func(y, i int, st style.Style, texts []string) {
		a.Right(2+label+(i+1)*cell, y, st, canvas.Cut(show.Longest(cell-2, texts), cell-2))
	}
	for i, r := range c.Runs {
		put(0, i, style.Title, []string{r.Label})
	}
	for y, r := range c.Rows {
		st := style.Text
		if r.Differs {
			a.Text(0, y+1, style.CautBold, "≠")
			st = style.Strong
		}
		a.Fit(2, y+1, label, style.Label, r.What)
		for i, v := range r.Cells {
			own := st
			if v.Value == nil && r.Unit != comparison.Word && r.Unit != comparison.Moment {
				own = style.Label
			}
			short, _, _ := strings.Cut(v.Text, " (") // the counts, where they have no room
			short, _, _ = strings.Cut(short, ", ")
			put(y+1, i, own, []string{v.Text, short})
		}
	}
	return len(c.Rows) + 1
}
