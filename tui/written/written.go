// Package written draws what became of writes of a person's own words, in a pane and on a page.
package written

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Of is the writes to a dataset, "" is to all: those that are lost or altered first, then the newest.
func Of(s *drill.State, dataset string) (own []*fate.Write) {
	for _, w := range slices.Backward(s.Written) {
		if dataset == "" || w.Dataset == dataset {
			own = append(own, w)
		}
	}
	slices.SortStableFunc(own, func(a, b *fate.Write) int { return rank(a) - rank(b) })
	return own
}

func rank(w *fate.Write) int {
	if gone(w) {
		return 0
	}
	return 1
}

func gone(w *fate.Write) bool { return w.Fate().Gone() }

// Lines draws writes to a dataset ("" is to all), as many as there is room for, and how many there
// are; it returns the rows that it took.
func Lines(a canvas.Area, s *drill.State, g style.Glyphs, dataset string) int {
	own := Of(s, dataset)
	if len(own) == 0 || a.H <= 0 {
		return 0
	}
	y, shown := 0, 0
	if a.H > 2 {
		y = 1
	}
	for i, w := range own {
		rows := rowsOf(w, g, dataset == "", a.W)
		if y+len(rows) > a.H {
			if i > 0 {
				break
			}
			rows = [][]canvas.Span{short(w, g, a.W)}
		}
		for _, row := range rows {
			a.Line(0, y, a.W, row...)
			y++
		}
		shown++
	}
	if a.H > 2 {
		title(a, own, shown)
	}
	return y
}

// title is how many writes there are, and what of them is not seen below.
func title(a canvas.Area, own []*fate.Write, shown int) {
	x := a.Text(0, 0, style.Label, "your "+format.Plural(len(own), "write", "writes"))
	if n := count(own, gone); n > 0 {
		x = a.Text(x, 0, style.DangerBold, fmt.Sprintf(", %d not with the leader", n))
	}
	if more := len(own) - shown; more > 0 {
		a.Fit(x, 0, a.W-x, style.Label, fmt.Sprintf(", %d more in the report", more))
	}
}

func count(own []*fate.Write, is func(*fate.Write) bool) (n int) {
	for _, w := range own {
		if is(w) {
			n++
		}
	}
	return n
}

// leastWords is what is left of a write's own words beside its fate before they get a line of
// their own, in columns.
const leastWords = 14

// rowsOf is a write and its fate in a line; in several where that is too narrow: the fate is what
// one looks for, and is never cut.
func rowsOf(w *fate.Write, g style.Glyphs, named bool, width int) [][]canvas.Span {
	glyph, st := sign(w, g)
	begin := []canvas.Span{canvas.S(st, glyph+" ")}
	left := width - canvas.Width(glyph) - 1
	if named {
		begin = append(begin, canvas.S(style.Label, w.Dataset+" "))
		left -= canvas.Width(w.Dataset) + 1
	}
	whole := canvas.Width(w.Text) + 2
	for _, became := range []string{format.Fate(w), format.FateNow(w)} {
		if room := left - canvas.Width(became) - 2; room >= min(leastWords, whole) {
			return [][]canvas.Span{append(begin, canvas.S(style.Strong, quoted(w.Text, room)), canvas.S(st, "  "+became))}
		}
	}
	rows := [][]canvas.Span{append(begin, canvas.S(style.Strong, quoted(w.Text, left)))}
	for _, l := range canvas.Wrap(format.Fate(w), max(width-2, 1)) {
		rows = append(rows, []canvas.Span{canvas.S(st, "  "+l)})
	}
	return rows
}

// short is a write in one line, however narrow: its fate, and what there is room for of its words.
func short(w *fate.Write, g style.Glyphs, width int) []canvas.Span {
	glyph, st := sign(w, g)
	line, became := []canvas.Span{canvas.S(st, glyph+" ")}, format.FateNow(w)
	room := width - canvas.Width(glyph) - 1 - canvas.Width(became) - 1
	if text := quoted(w.Text, min(room, leastWords)); text != "" {
		line = append(line, canvas.S(style.Strong, text+" "))
	}
	return append(line, canvas.S(st, became))
}

// quoted is a write's own words in at most so many columns, cut where they are long; "" where there is
// no room for any.
func quoted(text string, columns int) string {
	if columns < 4 { // quotes, a letter, and the sign that it was cut
		return ""
	}
	cut := canvas.Cut(text, columns-2)
	if before, was := strings.CutSuffix(cut, "…"); was && cut != text {
		cut = strings.TrimRight(before, " ") + "…"
	}
	return "“" + cut + "”"
}

// sign is the glyph and the style of a fate.
func sign(w *fate.Write, g style.Glyphs) (string, style.Style) {
	if gone(w) {
		return g.Failed, style.DangerBold
	}
	switch w.Fate() {
	case fate.Unknown, fate.Doubtful, fate.Dropped, fate.Stored:
		return g.Unknown, style.Caution
	case fate.Waits, fate.Confirmed:
		return g.Waiting, style.Text
	case fate.Alone:
		return g.Waiting, style.Caution
	}
	return g.Done, style.Fine
}
