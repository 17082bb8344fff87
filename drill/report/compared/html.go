package compared

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
)

//go:embed page.html
var page string

var pageTemplate = template.Must(template.New("page").Parse(page))

// HTML writes a comparison as one page that needs nothing else: no script, no font, no picture of another file.
func HTML(w io.Writer, d Document) error {
	type column struct{ Label, Journal string }
	var data struct {
		Heading  string
		Question string
		Columns  []column
		Rows     []comparison.Row
		Findings []string
		Remarks  []string
		Differs  string
		Linked   bool
		Pictures []drawing
	}
	data.Heading, data.Question = d.heading(), d.Question
	data.Rows, data.Findings, data.Remarks, data.Differs, data.Linked = d.Rows, d.Findings, d.Remarks(), d.differs(), d.linked()
	for i, r := range d.Runs {
		c := column{Label: r.Label}
		if path := d.journal(i); path != "" {
			c.Journal = (&url.URL{Path: path}).String()
		}
		data.Columns = append(data.Columns, c)
	}
	for _, p := range d.Pictures() {
		data.Pictures = append(data.Pictures, draw(p))
	}
	if err := pageTemplate.Execute(w, data); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}

// The measures of a drawing, in its own units.
const (
	drawnW, drawnH = 720, 220
	edgeL, edgeR   = 44, 12
	edgeT, edgeB   = 12, 24
)

// drawing is a picture as SVG draws it.
type drawing struct {
	Title      string
	W, H       int
	L, R, T, B int // the edges of the plot
	Lines      []drawnLine
	Marks      []drawnMark
	Ticks      []tick // along the time axis
	Levels     []tick // along the axis of shares
}

// drawnLine is a line: its name, which of the dashes and colours it has, and its parts: it is broken where nothing was measured.
type drawnLine struct {
	Name  string
	Style int
	Parts []string
}

type drawnMark struct {
	X    float64
	Text string
}

type tick struct {
	At   float64
	Text string
}

// styles is how many lines the page tells apart by colour and dash.
const styles = 6

func draw(p format.Picture) drawing {
	d := drawing{Title: p.Title, W: drawnW, H: drawnH, L: edgeL, R: drawnW - edgeR, T: edgeT, B: drawnH - edgeB}
	from, span := p.From(), max(p.Until()-p.From(), time.Second)
	x := func(t time.Duration) float64 {
		return edgeL + float64(t-from)/float64(span)*float64(drawnW-edgeL-edgeR)
	}
	y := func(share float64) float64 { return edgeT + (1-share)*float64(drawnH-edgeT-edgeB) }
	for i, l := range p.Lines {
		d.Lines = append(d.Lines, drawnLine{Name: format.CurveLine(l), Style: i % styles, Parts: parts(l, x, y)})
	}
	for _, m := range p.Marks {
		d.Marks = append(d.Marks, drawnMark{X: x(m.At), Text: since(m.At) + ": " + format.CurveMark(m)})
	}
	step := 5 * stepOf(p)
	for t := from.Truncate(step); t <= from+span; t += step {
		if t >= from {
			d.Ticks = append(d.Ticks, tick{x(t), since(t)})
		}
	}
	for _, share := range []float64{0, 0.5, 1} {
		d.Levels = append(d.Levels, tick{y(share), format.Percent(share)})
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
