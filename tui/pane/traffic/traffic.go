// Package traffic draws the users' requests: how many were answered and failed over time, how long they
// took, and how each population fares now.
package traffic

import (
	"cmp"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// axisW is the columns left of a chart: four digits, a blank and the axis.
const axisW = 6

// Draw draws requests over time above a table of the populations, and between them, where there
// is room, their latencies on the same axis.
func Draw(a canvas.Area, sc show.Scene) {
	pops := len(sc.State.Populations)
	a = drawWebTier(drawVisitors(a, sc.State), sc.State)
	if ask := asking(sc.State); ask != "" && a.H >= askRoom+pops && canvas.Width(ask) <= a.W {
		a.Text(0, a.H-1, style.Label, ask)
		a = a.Rows(0, a.H-1)
	}
	table := 0
	if a.H >= tableRoom+pops {
		table = pops + 1
	}
	latency := 0
	if each := (a.H - table - 12) / max(pops, 1); each >= 2 {
		latency = min(each, 5) * pops
	}
	drawTrafficChart(a.Rows(0, a.H-table-latency), sc)
	if latency > 0 {
		drawLatencies(a.Rows(a.H-table-latency, latency), sc, 0)
	}
	if table > 0 {
		drawPopulations(a.Rows(a.H-table, table), sc)
	}
}

// tableRoom is how many rows there are, beside one for each population, where the populations have a table.
const tableRoom = 8

// askRoom is how many rows there are, beside one for each population, where one is spared for how to ask the name server.
const askRoom = 14

// asking is how a person asks the fleet's name server what users are told; "" where it has none.
func asking(s *drill.State) string {
	if line := s.Fleet.Dig(s.Names); line != "" {
		return "ask its name server: " + line
	}
	return ""
}

// began is when the first request was counted.
func began(s *drill.State) time.Duration {
	for i, p := range s.Traffic.Points {
		if p.Over > 0 {
			return time.Duration(i) * s.Traffic.Width
		}
	}
	return s.Now
}

// axisOf is the axis of time of all charts of a drill: from its first request on.
func axisOf(sc show.Scene, w int) chart.Axis {
	return chart.NewAxis(began(sc.State), sc.Now, cmp.Or(sc.State.Traffic.Width, series.FirstWidth), w)
}

// drawTrafficChart draws answered and failed requests since the drill's start, with a mark where each
// fault began and ended.
func drawTrafficChart(a canvas.Area, sc show.Scene) {
	h := (a.H - 3) &^ 1 // even, so that the middle has a round number
	w := a.W - axisW
	if h < 1 || w < 4 {
		return
	}
	x := a.Text(axisW, 0, style.FineArea, "█")
	x = a.Text(x+1, 0, style.Label, "ok")
	x = a.Text(x+2, 0, style.Danger, "▒")
	x = a.Text(x+1, 0, style.Label, "failed")
	axis := axisOf(sc, w)
	a.Right(a.W, 0, style.Label, show.Longest(a.W-x-1, []string{"since the start, " + format.Span(axis.Column) + " a column", "since the start", ""}))

	top := scaleOf(sc.State)
	chart.Bars(a.Sub(axisW, 1, w, h), columns(sc.State.Traffic, axis), top)
	a.VLine(axisW-1, 1, h, style.Frame, "│")
	a.HLine(axisW, h+1, w, style.Frame, "─")
	a.Text(axisW-1, h+1, style.Frame, "┼")
	a.Right(axisW-2, 1, style.Label, fmt.Sprintf("%.0f", top))
	a.Text(axisW-1, 1, style.Frame, "┤")
	if h >= 4 {
		a.Right(axisW-2, 1+h/2, style.Label, fmt.Sprintf("%.0f", top/2))
		a.Text(axisW-1, 1+h/2, style.Frame, "┤")
	}
	a.Right(axisW-2, h+1, style.Label, "0")
	drawMarks(a.Sub(axisW, 1, w, h+2), sc, axis)
}

// columns puts a series into the columns of an axis.
func columns(s series.Of[series.Count], axis chart.Axis) []chart.Bar {
	if s.Width == 0 {
		return nil
	}
	var bars []chart.Bar
	for _, p := range chart.Columns(axis, s.By(axis.By(s.Width)).Points) {
		ok, failed, known := p.PerSecond()
		bars = append(bars, chart.Bar{OK: ok, Failed: failed, Known: known})
	}
	return bars
}

// scaleOf is the top of the chart: what the populations ask for and a quarter
// more, so that it stays the same for a whole drill.
func scaleOf(s *drill.State) float64 {
	asked := 0.0
	for _, p := range s.Fleet.Users {
		asked += p.Rate
	}
	for _, p := range s.Traffic.Points {
		if ok, failed, known := p.PerSecond(); known {
			asked = max(asked, (ok+failed)/1.2)
		}
	}
	return chart.RoundUp(asked * 1.25)
}

// mark is what is said of a moment of a drill below a chart.
type mark struct {
	t                  time.Duration
	st                 style.Style
	glyph, where, word string
}

// place finds where a mark's words have room in a row, the longest first: behind its column x, before it, or behind
// it the sign with one word, or alone; false where not even that.
func (m mark) place(row canvas.Area, x int) (start int, text string, ok bool) {
	for _, text := range []string{m.glyph + " " + m.where + " " + m.word, m.glyph + " " + m.where} {
		if start, ok := free(row, min(x, row.W-canvas.Width(text)), text); ok {
			return start, text, true
		}
	}
	for _, text := range []string{m.where + " " + m.word + " " + m.glyph, m.where + " " + m.glyph} {
		if start, ok := free(row, x+1-canvas.Width(text), text); ok {
			return start, text, true
		}
	}
	for _, text := range []string{m.glyph + " " + m.word, m.glyph} {
		if start, ok := free(row, x, text); ok {
			return start, text, true
		}
	}
	return 0, "", false
}

// free reports whether a text has room at a column of a row, apart from what stands beside it.
func free(row canvas.Area, x int, text string) (start int, ok bool) {
	w := canvas.Width(text)
	return x, x >= 0 && x+w <= row.W && row.Blank(x-1, 0, w+2)
}

func marksOf(sc show.Scene) []mark {
	var marks []mark
	g := sc.Theme.Glyphs
	for _, f := range sc.State.Faults {
		glyph, where, word, over := g.Degraded, format.Where(f.FaultProved), f.Done, f.Ended
		switch e := f.Effect; {
		case e.Still:
			glyph, over = g.Frozen, "back"
		case len(e.Stops)+len(e.Weakens) > 0:
			glyph, over = g.Down, "back"
		case len(e.Cuts) > 0:
			glyph, word = g.Cut, "cut"
		}
		marks = append(marks, mark{f.From, style.Danger, glyph, where, word})
		if f.Lifted != nil {
			marks = append(marks, mark{*f.Lifted, style.Fine, g.Healthy, where, over})
		}
	}
	return marks
}

// drawMarks draws each mark's line through the blank part of the chart, and its
// words below the axis where they have room, the newest first.
func drawMarks(a canvas.Area, sc show.Scene, axis chart.Axis) {
	marks := marksOf(sc)
	for i := len(marks) - 1; i >= 0; i-- {
		m := marks[i]
		x := axis.At(m.t)
		if x < 0 || x >= a.W {
			continue
		}
		drawMarkLine(a.Rows(0, a.H-2), x, m.st)
		a.Text(x, a.H-2, m.st, "┴")
		if start, text, ok := m.place(a.Rows(a.H-1, 1), x); ok {
			a.Text(start, a.H-1, m.st, text)
		}
	}
}

// drawMarkLine draws an upright line where nothing else is.
func drawMarkLine(a canvas.Area, x int, st style.Style) {
	for y := range a.H {
		if a.Blank(x, y, 1) {
			a.Text(x, y, st, "╎")
		}
	}
}
