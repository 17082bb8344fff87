// Package picture draws what a drill measured over time: each line a band of its own on one axis, so that neither a colour
// nor a dot is needed to tell them apart.
package picture

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Rows is how many rows a picture takes whose bands have so many each.
func Rows(p format.Picture, band int) int { return len(p.Lines)*band + 2 }

// mostName is the columns that a line's name has at most, and leastW those of the number behind it.
const mostName, leastW = 34, 7

// pattern is from how many rows a band has on what is missing has a pattern of its own; in fewer the height says it.
const pattern = 3

// Draw draws a picture from the area's first row on, its bands so many rows high; it returns the rows.
func Draw(a canvas.Area, p format.Picture, band int) int {
	name := 0
	for _, l := range p.Lines {
		name = max(name, canvas.Width(format.CurveLine(l)))
	}
	name = min(name, mostName, a.W/3)
	plot := a.Sub(name+1, 0, a.W-name-1-leastW, a.H)
	if plot.W < 8 {
		return 0
	}
	x := axis{from: p.From(), span: max(p.Until()-p.From(), time.Second), w: plot.W}
	a.Fit(0, 0, a.W-leastW, style.Title, p.Title)
	a.Right(a.W, 0, style.Label, "least")
	for i, l := range p.Lines {
		y := 1 + i*band
		a.Fit(0, y+(band-1)/2, name, style.Text, format.CurveLine(l))
		drawLine(plot.Rows(y, band), l, x)
		least, st := format.None, style.Label
		if v, known := l.Least(); known {
			if least = format.Percent(v); v < 1 {
				st = style.Strong
			}
		}
		a.Right(a.W, y+(band-1)/2, st, least)
	}
	x.draw(plot, p, 1+len(p.Lines)*band)
	return Rows(p, band)
}

// axis is the time of a picture in columns.
type axis struct {
	from, span time.Duration
	w          int
}

// at is the column of a time.
func (x axis) at(t time.Duration) int {
	return min(int(int64(t-x.from)*int64(x.w)/int64(x.span)), x.w-1)
}

// begins is the time that a column begins with.
func (x axis) begins(column int) time.Duration {
	return x.from + time.Duration(int64(x.span)*int64(column)/int64(x.w))
}

// drawLine draws what was measured in each column; one in which nothing was stays blank.
func drawLine(a canvas.Area, l curve.Line, x axis) {
	bars := make([]chart.Bar, x.w)
	for i := range bars {
		share, known := l.Over(x.begins(i), x.begins(i+1))
		bars[i] = chart.Bar{OK: share, Known: known}
		if l.Kind == curve.Requests && a.H >= pattern {
			bars[i].Failed = 1 - share
		}
	}
	chart.Bars(a, bars, 1)
}

// draw draws the axis: what was done, in words where they have room.
func (x axis) draw(plot canvas.Area, p format.Picture, y int) {
	end := fmt.Sprintf("%.0f s", (x.from + x.span).Seconds())
	plot.Right(plot.W, y, style.Label, end)
	if len(p.Marks) == 0 {
		plot.Text(x.at(0), y, style.Label, "▲ 0 s")
	}
	for _, m := range p.Marks {
		at, st := x.at(m.At), style.Danger
		if m.Over {
			st = style.Fine
		}
		text := fmt.Sprintf("▲ %.0f s %s", m.At.Seconds(), format.CurveMark(m))
		if plot.Blank(at, y, canvas.Width(text)+1) {
			plot.Text(at, y, st, text)
		} else if plot.Blank(at, y, 1) {
			plot.Text(at, y, st, "▲")
		}
	}
}
