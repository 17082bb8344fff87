package show

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Line is one line of a pane that may have more than it has room for: spans from a column on, and behind them a text, which goes on
// below itself where it has no room.
type Line struct {
	X     int
	Spans []canvas.Span
	Style style.Style // of Text
	Text  string
}

// Rows is how many rows lines take at a width.
func Rows(lines []Line, w int) int { return len(wrapped(lines, w)) }

// DrawLines draws lines from one on. Where more follow, the last row says how many, and by which key they come.
func DrawLines(a canvas.Area, lines []Line, from int, scrollOn string) {
	rows := wrapped(lines, a.W)
	rows = rows[max(0, min(from, len(rows)-a.H)):]
	for y, r := range rows {
		if left := len(rows) - y; y == a.H-1 && left > 1 {
			a.Fit(0, y, a.W, style.Label, fmt.Sprintf("… and %s%s", format.Plural(left, "line", "lines"), Hint(", ", scrollOn, "goes on")))
			return
		}
		a.Line(r.X, y, a.W, r.Spans...)
	}
}

// wrapped is lines with their texts broken to a width, each row a line of its own.
func wrapped(lines []Line, w int) (out []Line) {
	for _, l := range lines {
		if l.Text == "" {
			out = append(out, l)
			continue
		}
		at := l.X + canvas.SpansWidth(l.Spans)
		for i, text := range canvas.Wrap(l.Text, max(w-at, 1)) {
			row := Line{X: at, Spans: []canvas.Span{canvas.S(l.Style, text)}}
			if i == 0 {
				row.X, row.Spans = l.X, append(append([]canvas.Span{}, l.Spans...), row.Spans...)
			}
			out = append(out, row)
		}
	}
	return out
}
