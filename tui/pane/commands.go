package pane

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// drawCommands draws what was asked for and what proved it, then the lines that
// were sent to clusters and processes, as a person would have typed them.
func drawCommands(a canvas.Area, v View) {
	asked := v.State.Commands
	room := min(len(asked), max(1, a.H/3))
	y := 0
	for _, c := range asked[len(asked)-room:] {
		drawAsked(a, v, c, y)
		y++
	}
	if room > 0 && a.H > 6 {
		a.HLine(0, y, a.W, theme.Frame, "─")
		y++
	}
	sent := v.State.Sent
	if len(sent) == 0 && y < a.H {
		a.Text(0, y, theme.Label, "nothing sent yet")
		return
	}
	back := min(v.Scroll, max(0, len(sent)-(a.H-y)))
	if v.Focus != Commands {
		back = 0
	}
	end := len(sent) - back
	for _, line := range sent[max(0, end-(a.H-y)):end] {
		x := a.Text(0, y, theme.Key, "$ ")
		a.Fit(x, y, a.W-x, theme.Text, line.Line)
		y++
	}
}

func drawAsked(a canvas.Area, v View, c *drill.CommandState, y int) {
	x := a.Text(0, y, theme.Label, Clock(v.Elapsed(c.Began))+" ")
	switch {
	case c.Ended == nil:
		a.Line(x, y, a.W, canvas.S(theme.CautBold, v.spin()+" "), canvas.S(theme.Text, c.Command.String()), canvas.S(theme.Label, "  "+Span(max(v.Now-c.Began, 0))))
	case c.Error != "":
		word := " failed: "
		if c.Refused {
			word = " refused: "
		}
		a.Line(x, y, a.W, canvas.S(theme.HarmBold, v.Theme.Glyphs.Failed+" "), canvas.S(theme.Text, c.Command.String()), canvas.S(theme.Harm, word+c.Error))
	default:
		a.Line(x, y, a.W, canvas.S(theme.Fine, v.Theme.Glyphs.Done+" "), canvas.S(theme.Text, c.Command.String()), canvas.S(theme.Label, "  "+Span(*c.Ended-c.Began)+"  "+c.Proof))
	}
}
