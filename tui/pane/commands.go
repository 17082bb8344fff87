package pane

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/estimate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawCommands draws what was asked for and what proved it, then the lines that
// were sent to clusters and processes, as a person would have typed them.
func drawCommands(a canvas.Area, v View) {
	asked := v.State.Commands
	room := min(len(asked), max(1, a.H/3))
	y := 0
	for _, c := range asked[len(asked)-room:] {
		drawTaken(a, v, c, y)
		y++
	}
	if room > 0 && a.H > 6 {
		a.HLine(0, y, a.W, style.Frame, "─")
		y++
	}
	sent := v.State.Sent
	if len(sent) == 0 && y < a.H {
		a.Text(0, y, style.Label, "nothing sent yet")
		return
	}
	back := min(v.Scroll, max(0, len(sent)-(a.H-y)))
	if v.Focus != Commands {
		back = 0
	}
	end := len(sent) - back
	for _, line := range sent[max(0, end-(a.H-y)):end] {
		x := a.Text(0, y, style.Key, "$ ")
		a.Fit(x, y, a.W-x, style.Text, line.Line)
		y++
	}
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

func drawTaken(a canvas.Area, v View, c *drill.CommandState, y int) {
	x := a.Text(0, y, style.Label, format.Stamp(v.State, c.Began)+" ")
	switch {
	case c.Ended == nil:
		a.Line(x, y, a.W, canvas.S(style.CautBold, v.Spinner()+" "), canvas.S(style.Text, c.Command.String()), canvas.S(style.Label, "  "+ran(v, c)))
	case c.Error != "":
		word := " failed: "
		if c.Refused {
			word = " refused: "
		}
		a.Line(x, y, a.W, canvas.S(style.DangerBold, v.Theme.Glyphs.Failed+" "), canvas.S(style.Text, c.Command.String()), canvas.S(style.Danger, word+c.Error))
	default:
		a.Line(x, y, a.W, canvas.S(style.Fine, v.Theme.Glyphs.Done+" "), canvas.S(style.Text, c.Command.String()), canvas.S(style.Label, "  "+format.Span(*c.Ended-c.Began)+"  "+c.Proof))
	}
}
