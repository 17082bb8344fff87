package traffic

import (
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Latencies draws each population's latencies over the whole drill, one chart below the other on one
// axis, as many as have two rows each, from one of them on.
func Latencies(a canvas.Area, sc show.Scene, from int) {
	if len(sc.State.Populations) == 0 {
		a.Text(0, 0, style.Label, "this fleet has no users")
		return
	}
	drawLatencies(a, sc, from)
}

// drawLatencies draws the populations' charts in bands of the same height, from one of them on.
func drawLatencies(a canvas.Area, sc show.Scene, from int) {
	pops := sc.State.Populations
	band := max(a.H/max(len(pops), 1), 2)
	fits := min(a.H/band, len(pops))
	from = max(0, min(from, len(pops)-fits))
	for i, p := range pops[from : from+fits] {
		drawBand(a.Rows(i*band, band), sc, p)
	}
}

// bandName is the columns of a population's name and its scale, left of its chart.
const bandName = 16

// drawBand draws one population: the slowest hundredth of its requests, or the longest where they were
// too few, above the median, which needs no colour to be told from it since it is never higher.
func drawBand(a canvas.Area, sc show.Scene, p *drill.PopulationState) {
	name := min(show.NameWidth(sc.State, bandName-7), bandName-7)
	a.Fit(0, 0, name, style.Strong, p.Spec.Name)
	axis := axisOf(sc, a.W-bandName)
	area := a.Sub(bandName, 0, a.W-bandName, a.H)
	points := columnsOf(p.Series, axis)
	highest := time.Duration(0)
	median, slowest := chart.Line{Style: style.Fine}, chart.Line{Style: style.Caution}
	for _, q := range points {
		median.Values = append(median.Values, milliseconds(q.P50))
		slowest.Values = append(slowest.Values, milliseconds(q.Slowest()))
		if s := q.Slowest(); s != nil {
			highest = max(highest, *s)
		}
	}
	if highest == 0 {
		area.Text(0, 0, style.Label, format.Unknown+": no request was answered yet")
		return
	}
	top := chart.RoundUp(highest.Seconds() * 1000)
	scale := format.Span(time.Duration(top * float64(time.Millisecond)))
	a.Right(bandName-1, 0, style.Label, scale)
	a.VLine(bandName-1, 0, a.H, style.Frame, "│")
	a.Text(bandName-1, 0, style.Frame, "┤")
	if a.H > 1 {
		a.Right(bandName-1, a.H-1, style.Label, "0")
		a.Text(bandName-1, a.H-1, style.Frame, "┤")
	}
	chart.Lines(area, []chart.Line{slowest, median}, top)
	for _, m := range marksOf(sc) {
		if x := axis.At(m.t); x >= 0 && x < area.W {
			drawMarkLine(area, x, m.st)
		}
	}
}

func columnsOf(s series.Of[series.Requests], axis chart.Axis) []series.Requests {
	if s.Width == 0 {
		return nil
	}
	return chart.Columns(axis, s.By(axis.By(s.Width)).Points)
}

func milliseconds(d *time.Duration) float64 {
	if d == nil {
		return math.NaN()
	}
	return d.Seconds() * 1000
}
