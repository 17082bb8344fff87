package pane

import (
	"fmt"
	"slices"
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
	// From the newest on upwards.
	newest := len(lines)
	for y := a.H; y > 0 && len(lines) > 0; lines = lines[:len(lines)-1] {
		l := lines[len(lines)-1]
		rows := timelineRows(l, a.W-timelineText, v.Told)
		if l.Mark == format.MarkIncident && len(rows) > y && y < a.H {
			break // half of it would say something else
		}
		rows = cutRows(rows, min(y, mostRows(l, a.H, len(lines) == newest)), a.W-timelineText)
		y -= len(rows)
		drawTimelineLine(a.Rows(y, len(rows)), v, l, rows)
	}
}

// timelineText is the column in which a line's text begins: behind its time and its sign.
const timelineText = 12

// timelineRows is a line's text in rows of w columns: one row of an incident that is told whole elsewhere.
func timelineRows(l format.Line, w int, told bool) []string {
	rows := canvas.Wrap(strings.ReplaceAll(l.Text, "\n", " "), w)
	if told && l.Mark == format.MarkIncident {
		return cutRows(rows, 1, w)
	}
	return rows
}

// timelineTall is from how many rows on every line of the timeline is told whole.
const timelineTall = 9

// mostRows is how many of h rows a line of the timeline takes at most: what an incident came to as many as it needs,
// any other line not more than a third; in few rows one is enough for a line that is neither new nor bad.
func mostRows(l format.Line, h int, newest bool) int {
	switch {
	case l.Mark == format.MarkIncident:
		return h
	case newest, l.Mark == format.MarkError, h >= timelineTall:
		return max(h/3, 2)
	}
	return 1
}

// cutRows is the first n rows of a text, the last of them as full as it can be.
func cutRows(rows []string, n, w int) []string {
	if n >= len(rows) {
		return rows
	}
	return append(slices.Clone(rows[:n-1]), canvas.Cut(strings.Join(rows[n-1:], " "), w))
}

func drawTimelineLine(a canvas.Area, v View, l format.Line, rows []string) {
	glyph, st := markSign(l.Mark, v.Theme.Glyphs)
	text := style.Text
	if l.Mark == "" {
		text = style.Label
	}
	if v.Recent(l.T) {
		text.Bold = true
	}
	a.Right(timelineText-4, 0, style.Label, format.Stamp(v.State, l.T))
	a.Text(timelineText-2, 0, st, glyph)
	for y, row := range rows {
		a.Text(timelineText, y, text, row)
	}
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
