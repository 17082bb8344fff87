// Package written draws what became of writes of a person's own words, in a pane and on a page.
package written

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Of is the writes to a dataset, the newest first; "" is to all.
func Of(s *drill.State, dataset string) (own []*fate.Write) {
	for i := len(s.Written) - 1; i >= 0; i-- {
		if w := s.Written[i]; dataset == "" || w.Dataset == dataset {
			own = append(own, w)
		}
	}
	return own
}

// Lines draws the newest writes to a dataset ("" is to all), as many as there is room for, and how
// many there are; it returns the rows that it took.
func Lines(a canvas.Area, s *drill.State, g style.Glyphs, dataset string) int {
	own := Of(s, dataset)
	if len(own) == 0 || a.H <= 0 {
		return 0
	}
	title := "your write"
	if len(own) > 1 {
		title = fmt.Sprintf("your %d writes, newest first", len(own))
	}
	y := 0
	if whole := rowsOf(own[0], g, dataset == "", a.W); len(whole) > a.H {
		a.Line(0, 0, a.W, short(own[0], g)...)
		return 1
	}
	if a.H > 2 {
		a.Text(0, 0, style.Label, title)
		y = 1
	}
	for i, w := range own {
		rows := rowsOf(w, g, dataset == "", a.W)
		if i > 0 && y+len(rows) > a.H {
			break
		}
		for _, row := range rows {
			a.Line(0, y, a.W, row...)
			y++
		}
	}
	return min(y, a.H)
}

// leastWords is what is left of a write's own words beside its fate before they get a line of
// their own, in columns.
const leastWords = 14

// rowsOf is a write and its fate in a line; in several where that is too narrow: the fate is what
// one looks for, and is never cut.
func rowsOf(w *fate.Write, g style.Glyphs, named bool, width int) [][]canvas.Span {
	glyph, st := sign(w, g)
	became := format.Fate(w)
	begin := []canvas.Span{canvas.S(st, glyph+" ")}
	left := width - canvas.Width(glyph) - 1
	if named {
		begin = append(begin, canvas.S(style.Label, w.Dataset+" "))
		left -= canvas.Width(w.Dataset) + 1
	}
	whole := canvas.Width(w.Text) + 2
	if room := left - canvas.Width(became) - 2; room >= min(leastWords, whole) {
		return [][]canvas.Span{append(begin, canvas.S(style.Strong, format.Quoted(w.Text, room-2)), canvas.S(st, "  "+became))}
	}
	rows := [][]canvas.Span{append(begin, canvas.S(style.Strong, format.Quoted(w.Text, max(left-2, 1))))}
	for _, l := range canvas.Wrap(became, max(width-2, 1)) {
		rows = append(rows, []canvas.Span{canvas.S(st, "  "+l)})
	}
	return rows
}

// short is a write in one line, however narrow: a few of its words, and its fate.
func short(w *fate.Write, g style.Glyphs) []canvas.Span {
	glyph, st := sign(w, g)
	return []canvas.Span{canvas.S(st, glyph+" "), canvas.S(style.Strong, format.Quoted(w.Text, leastWords-2)), canvas.S(st, " "+format.Fate(w))}
}

// sign is the glyph and the style of a fate.
func sign(w *fate.Write, g style.Glyphs) (string, style.Style) {
	switch w.Fate() {
	case fate.Lost, fate.Diverged, fate.Exported, fate.Altered:
		return g.Failed, style.DangerBold
	case fate.Unknown, fate.Doubtful, fate.Dropped, fate.Stored:
		return g.Unknown, style.Caution
	case fate.Waits, fate.Confirmed:
		return g.Waiting, style.Text
	case fate.Alone:
		return g.Waiting, style.Caution
	}
	return g.Done, style.Fine
}
