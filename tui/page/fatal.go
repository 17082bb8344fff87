package page

import (
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Fatal is a page about an error that ended everything: what happened, to what,
// and what to do next.
type Fatal struct {
	Title, Text, Next string
	Journal           string // "" for none
	Back              bool   // the start page can be gone back to
}

// Draw draws the page.
func (p Fatal) Draw(a canvas.Area, n keys.Now, foot Footer) {
	a.Text(1, 0, style.Brand, "fleetdrill")
	a.Fit(1, 2, a.W-2, style.DangerBold, n.Theme.Glyphs.Failed+" "+p.Title)
	y := 4
	for _, l := range canvas.Wrap(p.Text, a.W-4) {
		if y < a.H-4-len(JournalLines(p.Journal, a.W)) {
			a.Text(3, y, style.Text, l)
			y++
		}
	}
	y++
	for _, l := range canvas.Wrap(p.Next, a.W-4) {
		a.Text(3, y, style.Caution, l)
		y++
	}
	DrawJournal(a.Rows(0, a.H-2), p.Journal)
	foot.DrawNotice(a.Rows(a.H-2, 1))
	spans := KeyOf(n, n.Keys.Op(keys.Quit), " quit")
	if p.Back {
		spans = append(append(spans, canvas.S(style.Label, "  ")), KeyOf(n, n.Keys.Op(keys.Back), " start screen")...)
	}
	a.Line(1, a.H-1, a.W, spans...)
}
