package drawing

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Span is a named time, from the beginning of the first on.
type Span struct {
	Name       string
	From, Took time.Duration
}

// Bars is spans as SVG draws them, one below the other.
type Bars struct {
	Title string
	W, H  int
	Rows  []BarRow
}

// BarRow is one span: its name, where its bar is, and where its text stands.
type BarRow struct {
	Name, Text string
	Y          int
	X, Width   float64
	TextX      float64
	Left       bool // the text stands before the bar, which reaches to the edge
	Inside     bool // it stands in the bar, which leaves room on neither side
}

const barH, barsL, barText = 22, 90, 70

// BarsOf lays spans out. The shortest is drawn a pixel wide: it was there.
func BarsOf(title string, all []Span) Bars {
	d := Bars{Title: title, W: drawnW, H: barH*len(all) + 4}
	var whole time.Duration
	for _, s := range all {
		whole = max(whole, s.From+s.Took)
	}
	scale := float64(drawnW-barsL-edgeR) / float64(max(whole, 1))
	for i, s := range all {
		r := BarRow{Name: s.Name, Text: format.Span(s.Took), Y: i * barH, X: barsL + float64(s.From)*scale, Width: max(1, float64(s.Took)*scale)}
		r.TextX = r.X + r.Width + 6
		if r.TextX > drawnW-barText {
			r.Left, r.TextX = true, r.X-6
			if r.X < barsL+barText { // neither side has room: inside
				r.Left, r.Inside, r.TextX = false, true, r.X+6
			}
		}
		d.Rows = append(d.Rows, r)
	}
	return d
}
