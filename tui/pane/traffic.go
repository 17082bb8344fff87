package pane

import (
	"cmp"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// column is the time that one column of a chart stands for.
const column = time.Second

// axisW is the columns left of a chart: four digits, a blank and the axis.
const axisW = 6

func trafficTitle(v View) (string, string) { return "Traffic", "answered/s" }

func drawTraffic(a canvas.Area, v View) {
	pops := len(v.State.Populations)
	table := 0
	if a.H >= 8+pops {
		table = pops + 1
	}
	chart := a.Rows(0, a.H-table)
	drawTrafficChart(chart, v)
	if table > 0 {
		drawPopulations(a.Rows(a.H-table, table), v)
	}
}

// drawTrafficChart draws answered and failed requests over time, one column a
// second, with a mark where each fault began. The columns stand for fixed
// seconds, so that they move only when a second is over.
func drawTrafficChart(a canvas.Area, v View) {
	h := (a.H - 3) &^ 1 // even, so that the middle has a round number
	w := a.W - axisW
	if h < 1 || w < 4 {
		return
	}
	x := a.Text(axisW, 0, style.FineArea, "█")
	x = a.Text(x+1, 0, style.Label, "ok")
	x = a.Text(x+2, 0, style.Danger, "▒")
	a.Text(x+1, 0, style.Label, "failed")
	a.Right(a.W, 0, style.Label, fmt.Sprintf("last %d s", w))

	first := int(v.Now/column) - w + 1
	top := scaleOf(v.State)
	chart.Bars(a.Sub(axisW, 1, w, h), columns(v.State.Traffic, first, w), top)
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
	drawMarks(a.Sub(axisW, 1, w, h+2), v, first)
}

// columns puts samples into seconds, from the second first on.
func columns(points []drill.TrafficPoint, first, w int) []chart.Bar {
	bars, n := make([]chart.Bar, w), make([]int, w)
	for i := len(points) - 1; i >= 0; i-- {
		// A sample's T is the end of its window.
		at := int((points[i].T-1)/column) - first
		if at < 0 {
			break
		}
		if at >= w {
			continue
		}
		bars[at].OK += points[i].OK
		bars[at].Failed += points[i].Failed
		n[at]++
	}
	for i := range bars {
		if n[i] > 0 {
			bars[i] = chart.Bar{OK: bars[i].OK / float64(n[i]), Failed: bars[i].Failed / float64(n[i]), Known: true}
		}
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
	for _, p := range s.Traffic {
		asked = max(asked, (p.OK+p.Failed)/1.2)
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
func drawMarks(a canvas.Area, v View, first int) {
	marks := marksOf(v)
	for i := len(marks) - 1; i >= 0; i-- {
		m := marks[i]
		x := int(m.t/column) - first
		if x < 0 || x >= a.W {
			continue
		}
		for y := range a.H - 2 {
			if free(a, x, y, 1) {
				a.Text(x, y, m.st, "╎")
			}
		}
		a.Text(x, a.H-2, m.st, "┴")
		for _, text := range m.texts {
			w := canvas.Width(text)
			if start := max(0, min(x, a.W-w)); free(a, start-1, a.H-1, w+2) {
				a.Text(start, a.H-1, m.st, text)
				break
			}
		}
	}
}

func drawPopulations(a canvas.Area, v View) {
	name := nameWidth(v.State, 12)
	// The longest of too few requests for a p99 is written with how many they are.
	cols, full := [3]int{name + 7, name + 24, name + 32}, true
	if a.W < cols[2] {
		cols, full = [3]int{name + 7, name + 18, name + 28}, false
	}
	a.Right(cols[0], 0, style.Label, "p50")
	a.Right(cols[1], 0, style.Label, "p99")
	a.Right(cols[2], 0, style.Label, "failing")
	spark := a.W - cols[2] - 2
	if spark >= 8 {
		a.Right(a.W, 0, style.Label, "lately")
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
		if spark >= 8 {
			drawSpark(a.Sub(a.W-spark, y, spark, 1), v, p)
		}
	}
}

// slowStyle marks a population whose slowest requests count as slow.
func slowStyle(p *drill.PopulationSample) style.Style {
	slowest := cmp.Or(p.P99, p.Max)
	if slowest != nil && p.Slow != nil && *slowest > *p.Slow {
		return style.CautBold
	}
	return style.Text
}

// drawSpark draws a population's last samples, answered and failed.
func drawSpark(a canvas.Area, v View, p *drill.PopulationState) {
	history := p.History
	if len(history) > a.W {
		history = history[len(history)-a.W:]
	}
	bars, top := make([]chart.Bar, a.W), 1.0
	for i, s := range history {
		at := a.W - len(history) + i
		bars[at] = chart.Bar{OK: float64(s.OK), Failed: float64(s.Failed), Known: true}
		top = max(top, float64(s.OK+s.Failed))
	}
	chart.Spark(a, 0, 0, bars, top)
}
