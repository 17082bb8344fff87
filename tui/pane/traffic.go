package pane

import (
	"cmp"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// axisW is the columns left of a chart: four digits, a blank and the axis.
const axisW = 6

func trafficTitle(v View) (string, string) { return "Traffic", "answered and failed a second" }

// drawTraffic draws requests over time above a table of the populations, and between them, where there
// is room, their latencies on the same axis.
func drawTraffic(a canvas.Area, v View) {
	pops := len(v.State.Populations)
	table := 0
	if a.H >= 8+pops {
		table = pops + 1
	}
	latency := 0
	if each := (a.H - table - 12) / max(pops, 1); each >= 2 {
		latency = min(each, 5) * pops
	}
	drawTrafficChart(a.Rows(0, a.H-table-latency), v)
	if latency > 0 {
		drawLatencies(a.Rows(a.H-table-latency, latency), v)
	}
	if table > 0 {
		drawPopulations(a.Rows(a.H-table, table), v)
	}
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
func axisOf(v View, w int) chart.Axis {
	return chart.NewAxis(began(v.State), v.Now, cmp.Or(v.State.Traffic.Width, series.FirstWidth), w)
}

// drawTrafficChart draws answered and failed requests since the drill's start, with a mark where each
// fault began and ended.
func drawTrafficChart(a canvas.Area, v View) {
	h := (a.H - 3) &^ 1 // even, so that the middle has a round number
	w := a.W - axisW
	if h < 1 || w < 4 {
		return
	}
	x := a.Text(axisW, 0, style.FineArea, "█")
	x = a.Text(x+1, 0, style.Label, "ok")
	x = a.Text(x+2, 0, style.Danger, "▒")
	x = a.Text(x+1, 0, style.Label, "failed")
	axis := axisOf(v, w)
	a.Right(a.W, 0, style.Label, show.Longest(a.W-x-1, []string{"since the start, " + format.Span(axis.Column) + " a column", "since the start", ""}))

	top := scaleOf(v.State)
	chart.Bars(a.Sub(axisW, 1, w, h), columns(v.State.Traffic, axis), top)
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
	drawMarks(a.Sub(axisW, 1, w, h+2), v, axis)
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

type mark struct {
	t     time.Duration
	st    style.Style
	texts []string // the longest that has room is written
}

func newMark(t time.Duration, st style.Style, glyph, region, word string) mark {
	return mark{t, st, []string{glyph + " " + region + " " + word, glyph + " " + region, glyph}}
}

func marksOf(v View) []mark {
	var marks []mark
	g := v.Theme.Glyphs
	for _, f := range v.State.Faults {
		glyph, where, word, over := g.Degraded, format.Where(f.FaultProved), f.Done, f.Ended
		switch e := f.Effect; {
		case e.Still:
			glyph, over = g.Frozen, "back"
		case len(e.Stops) > 0:
			glyph, over = g.Down, "back"
		case len(e.Cuts) > 0:
			glyph, word = g.Cut, "cut"
		}
		marks = append(marks, newMark(f.From, style.Danger, glyph, where, word))
		if f.Lifted != nil {
			marks = append(marks, newMark(*f.Lifted, style.Fine, g.Healthy, where, over))
		}
	}
	return marks
}

// drawMarks draws each mark's line through the blank part of the chart, and its
// words below the axis where they have room, the newest first.
func drawMarks(a canvas.Area, v View, axis chart.Axis) {
	marks := marksOf(v)
	for i := len(marks) - 1; i >= 0; i-- {
		m := marks[i]
		x := axis.At(m.t)
		if x < 0 || x >= a.W {
			continue
		}
		drawMarkLine(a.Rows(0, a.H-2), x, m.st)
		a.Text(x, a.H-2, m.st, "┴")
		for _, text := range m.texts {
			w := canvas.Width(text)
			if start := max(0, min(x, a.W-w)); a.Blank(start-1, a.H-1, w+2) {
				a.Text(start, a.H-1, m.st, text)
				break
			}
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

func drawPopulations(a canvas.Area, v View) {
	name := show.NameWidth(v.State, 12)
	// The longest of too few requests for a p99 is written with how many they are.
	wide, narrow := [3]int{name + 7, name + 24, name + 32}, [3]int{name + 7, name + 18, name + 28}
	cols, full := wide, true
	if sparks := a.W - 2 - sparkLeast; a.W < wide[2] || sparks >= narrow[2] && sparks < wide[2] {
		cols, full = narrow, false
	}
	a.Right(cols[0], 0, style.Label, "p50")
	a.Right(cols[1], 0, style.Label, "p99")
	a.Right(cols[2], 0, style.Label, "failing")
	spark := min(a.W-cols[2]-2, sparkMost)
	if spark >= sparkLeast {
		seconds := fmt.Sprintf("%d s", (spark-sparkNumber)/2)
		a.Right(a.W, 0, style.Label, show.Longest(spark+1, []string{"answers/s, last " + seconds, "answers/s, " + seconds, "last " + seconds}))
	}
	for i, p := range v.State.Populations {
		y := i + 1
		a.Fit(0, y, name, style.Text, p.Spec.Name)
		if p.Last == nil {
			a.Right(cols[0], y, style.Label, format.None)
			continue
		}
		a.Right(cols[0], y, style.Text, format.Millis(p.Last.P50))
		slowest, short := show.Slowest(p.Last.P99, p.Last.Max, p.Last.LatencyN)
		if !full {
			slowest = short
		}
		a.Right(cols[1], y, slowStyle(p.Last), slowest)
		failing, st := format.None, style.Label
		if p.Last.Requests > 0 {
			failing = format.Percent(float64(p.Last.Failed) / float64(p.Last.Requests))
			if p.Last.Failed > 0 {
				st = style.DangerBold
			}
		}
		a.Right(cols[2], y, st, failing)
		if spark >= sparkLeast {
			drawSpark(a.Sub(a.W-spark, y, spark, 1), v, p)
		}
	}
}

// slowStyle marks a population whose slowest requests count as slow.
func slowStyle(p *telemetry.Population) style.Style {
	slowest := cmp.Or(p.P99, p.Max)
	if slowest != nil && p.Slow != nil && *slowest > *p.Slow {
		return style.CautBold
	}
	return style.Text
}

// A sparkline is of the last samples, two a second, and ends in the number of its last second.
const sparkLeast, sparkMost, sparkNumber = 14, 40, 4

// drawSpark draws a population's last samples, answered and failed, against what it asks for, with the
// answers of the last one as a number.
func drawSpark(a canvas.Area, v View, p *drill.PopulationState) {
	bars := a.Sub(0, 0, a.W-sparkNumber, 1)
	history := p.History
	if len(history) > bars.W {
		history = history[len(history)-bars.W:]
	}
	columns, top := make([]chart.Bar, bars.W), 1.0
	for i, s := range history {
		columns[bars.W-len(history)+i] = chart.Bar{OK: float64(s.OK), Failed: float64(s.Failed), Known: true}
		top = max(top, float64(s.OK+s.Failed))
	}
	chart.Spark(bars, 0, 0, columns, top)
	for _, point := range p.Series.Points[max(0, len(p.Series.Points)-1):] {
		if ok, _, known := point.PerSecond(); known {
			a.Right(a.W, 0, style.Label, fmt.Sprintf("%.0f", ok))
		}
	}
}
