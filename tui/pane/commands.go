package pane

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/estimate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawCommands draws what was asked for and what proved it, then the lines that
// were sent to clusters and processes, as a person would have typed them.
func drawCommands(a canvas.Area, v View) {
	asked := v.State.Commands
	y := drawNewest(a.Rows(0, max(1, a.H/3)), len(asked), func(a canvas.Area, i int) int { return drawTaken(a, v, asked[i]) })
	if y > 0 && a.H > 6 {
		a.HLine(0, y, a.W, style.Frame, "─")
		y++
	}
	sent := v.State.Sent
	if len(sent) == 0 && y < a.H {
		a.Text(0, y, style.Label, "nothing sent yet")
		return
	}
	rest := a.Rows(y, a.H-y)
	back := min(v.from(Commands), max(0, len(sent)-rest.H))
	drawNewest(rest, len(sent)-back, func(a canvas.Area, i int) int {
		a.Text(0, 0, style.Key, "$")
		return drawWhole(a.Sub(2, 0, a.W-2, a.H), style.Text, sent[i].Line)
	})
}

// drawNewest draws the last of n things that have room, the newest at the end and whole, the oldest as far as there
// is room. Draw draws one from the top of an
// area and returns how many rows it would take. It returns the rows that are taken.
func drawNewest(a canvas.Area, n int, draw func(a canvas.Area, i int) int) (rows int) {
	nowhere := a.Sub(0, 0, a.W, 0)
	first, cut := n, 0 // rows that the oldest has no room for
	for first > 0 && rows < a.H {
		rows, first = rows+draw(nowhere, first-1), first-1
		cut = max(rows-a.H, 0)
	}
	y := 0
	for i := first; i < n; i++ {
		h := a.H - y
		if i == first && cut > 0 && i+1 < n {
			h = draw(nowhere, i) - cut
		}
		y += min(draw(a.Rows(y, h), i), h)
	}
	return y
}

// drawWhole draws a text in as many rows as it takes, the last of those that there are with what is cut off shown
// by "…". It returns how many it takes.
func drawWhole(a canvas.Area, st style.Style, text string) (rows int) {
	lines := canvas.Wrap(text, a.W)
	for y, l := range canvas.CutLines(lines, a.H, a.W) {
		a.Text(0, y, st, l)
	}
	return len(lines)
}

// ran is how long a command has run, beside about how long it takes where that is known.
func ran(v View, c *drill.CommandState) string {
	took := max(v.Now-c.Began, 0)
	if w, is := estimate.OfCommand(v.State, c); is {
		if e, known := estimate.Of(v.State, w); known {
			return e.Beside(took) + ", " + e.From.String()
		}
	}
	return format.Span(took)
}

// drawTaken draws a command, how long it took, and below it, where that has no room beside it, what proved it or
// came in its way. It returns how many rows it takes.
func drawTaken(a canvas.Area, v View, c *drill.CommandState) (rows int) {
	x := a.Text(0, 0, style.Label, format.Stamp(v.State, c.Began)+" ")
	sign, st, after, told, toldStyle := v.Theme.Glyphs.Done, style.Fine, "", c.Proof, style.Label
	switch {
	case c.Ended == nil:
		sign, st, after, told = v.Spinner(), style.CautBold, "  "+ran(v, c), ""
	case c.Error != "":
		sign, st, after, told, toldStyle = v.Theme.Glyphs.Failed, style.DangerBold, " "+show.FailedWord(c)+":", c.Error, style.Danger
	default:
		after = "  " + format.Span(*c.Ended-c.Began)
	}
	from := a.Line(x, 0, a.W, canvas.S(st, sign+" "), canvas.S(style.Text, c.Command.String()), canvas.S(style.Label, after))
	switch {
	case told == "":
		return 1
	case from+2+canvas.Width(told) <= a.W:
		a.Text(from+2, 0, toldStyle, told)
		return 1
	}
	return 1 + drawWhole(a.Sub(x, 1, a.W-x, max(a.H-1, 0)), toldStyle, told)
}
