// Package drawing lays out what is drawn in reports: the templates and the styles of its SVG are in drawing.html.
package drawing

import (
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
	"github.com/fleetdrill/fleetdrill/drill/report/markdown"
)

// The measures of a drawing, in its own units.
const (
	drawnW, drawnH = 720, 220
	edgeL, edgeR   = 44, 12
	edgeT, edgeB   = 12, 24
)

// Picture is a picture of format as SVG draws it.
type Picture struct {
	Title      string
	W, H       int
	L, R, T, B int // the edges of the plot
	Lines      []Line
	Marks      []Mark
	Ticks      []Tick // along the time axis
	Levels     []Tick // along the axis of shares
}

// Line is a line: its name, which of the dashes and colours it has, and its parts: it is broken where nothing was measured.
type Line struct {
	Name  string
	Style int
	Parts []string
}

// Mark is where something was done.
type Mark struct {
	X    float64
	Text string
}

// Tick is a text at an axis.
type Tick struct {
	At   float64
	Text string
}

// styles is how many lines the page tells apart by colour and dash.
const styles = 6

// Of lays a picture out.
func Of(p format.Picture) Picture {
	d := Picture{Title: p.Title, W: drawnW, H: drawnH, L: edgeL, R: drawnW - edgeR, T: edgeT, B: drawnH - edgeB}
	from, span := p.From(), max(p.Until()-p.From(), time.Second)
	x := func(t time.Duration) float64 {
		return edgeL + float64(t-from)/float64(span)*float64(drawnW-edgeL-edgeR)
	}
	y := func(share float64) float64 { return edgeT + (1-share)*float64(drawnH-edgeT-edgeB) }
	for i, l := range p.Lines {
		d.Lines = append(d.Lines, Line{Name: format.CurveLine(l), Style: i % styles, Parts: parts(l, x, y)})
	}
	for _, m := range p.Marks {
		d.Marks = append(d.Marks, Mark{X: x(m.At), Text: markdown.Since(m.At) + ": " + format.CurveMark(m)})
	}
	step := 5 * markdown.StepOf(p)
	for t := from.Truncate(step); t <= from+span; t += step {
		if t >= from {
			d.Ticks = append(d.Ticks, Tick{x(t), markdown.Since(t)})
		}
	}
	for _, share := range []float64{0, 0.5, 1} {
		d.Levels = append(d.Levels, Tick{y(share), format.Percent(share)})
	}
	return d
}

// parts is a line's points as SVG has them: each stands for its whole width, so that nothing is drawn that was not measured.
func parts(l curve.Line, x func(time.Duration) float64, y func(float64) float64) (all []string) {
	var part strings.Builder
	end := func() {
		if part.Len() > 0 {
			all = append(all, strings.TrimSpace(part.String()))
		}
		part.Reset()
	}
	for _, p := range l.Points {
		if !p.Known {
			end()
			continue
		}
		fmt.Fprintf(&part, "%.1f,%.1f %.1f,%.1f ", x(p.At), y(p.Share), x(p.At+l.Width), y(p.Share))
	}
	end()
	return all
}
