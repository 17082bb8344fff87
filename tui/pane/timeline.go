package pane

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

func timelineTitle(v View) (string, string) {
	n := len(v.State.Timeline)
	if v.Filter != "" {
		return "Timeline", fmt.Sprintf("filter: %s  %d of %d", v.Filter, len(TimelineLines(v.State, v.Filter)), n)
	}
	if back := v.back(); back > 0 {
		return "Timeline", fmt.Sprintf("%d newer below", min(back, n))
	}
	return "Timeline", ""
}

// back is how far the timeline was scrolled back; another pane that has the focus scrolls by itself.
func (v View) back() int {
	if v.Focus.FromTop() {
		return 0
	}
	return v.Scroll
}

// TimelineLines is the lines of the timeline that contain the filter's words,
// in any case.
func TimelineLines(s *drill.State, filter string) []format.Line {
	all := format.Timeline(s)
	if filter == "" {
		return all
	}
	var lines []format.Line
	for _, l := range all {
		if strings.Contains(strings.ToLower(l.Text), strings.ToLower(filter)) {
			lines = append(lines, l)
		}
	}
	return lines
}

// drawTimeline draws the newest lines, the last at the bottom.
func drawTimeline(a canvas.Area, v View) {
	lines := TimelineLines(v.State, v.Filter)
	if len(lines) == 0 {
		text := "nothing has happened yet"
		if v.Filter != "" {
			text = "no line contains “" + v.Filter + "”"
		}
		a.Fit(0, 0, a.W, style.Label, text)
		return
	}
	back := min(v.back(), max(0, len(lines)-a.H))
	lines = lines[:len(lines)-back]
	// From the newest on upwards: what an incident came to is told whole, in as many rows as it takes.
	for y := a.H; y > 0 && len(lines) > 0; lines = lines[:len(lines)-1] {
		l := lines[len(lines)-1]
		rows := 1
		if l.Mark == format.MarkIncident {
			rows = len(canvas.Wrap(l.Text, a.W-timelineText))
		}
		if y -= rows; y < 0 && rows > 1 {
			break // half of it would say something else
		}
		drawTimelineLine(a, v, y, l)
	}
}

// timelineText is the column in which a line's text begins: behind its time and its sign.
const timelineText = 12

func drawTimelineLine(a canvas.Area, v View, y int, l format.Line) {
	glyph, st := markSign(l.Mark, v.Theme.Glyphs)
	text := style.Text
	if l.Mark == "" {
		text = style.Label
	}
	if v.Recent(l.T) {
		text.Bold = true
	}
	stamp := format.Stamp(v.State, l.T)
	x := a.Right(8, y, style.Label, stamp) + canvas.Width(stamp)
	a.Text(x+2, y, st, glyph)
	if l.Mark == format.MarkIncident {
		for i, part := range canvas.Wrap(l.Text, a.W-timelineText) {
			a.Text(timelineText, y+i, text, part)
		}
		return
	}
	a.Fit(x+4, y, a.W-x-4, text, strings.ReplaceAll(l.Text, "\n", " "))
}

func markSign(mark format.Mark, g style.Glyphs) (string, style.Style) {
	switch mark {
	case format.MarkFault:
		return g.Down, style.Danger
	case format.MarkData:
		return g.Star, style.Star
	case format.MarkTraffic:
		return "→", style.Fine
	case format.MarkOperator:
		return g.Pointer, style.Strong
	case format.MarkIncident:
		return "=", style.Star
	case format.MarkError:
		return "!", style.DangerBold
	}
	return "·", style.Label
}
