package curve

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/series"
)

// Answered is which share of requests was answered, a line a population; false where nothing was done to the fleet, or all
// were answered all along.
func Answered(s *drill.State) (Curve, bool) {
	began, ok := Began(s)
	if !ok {
		return Curve{}, false
	}
	var c Curve
	for _, p := range s.Populations {
		if l := lineOf(p.Spec.Name, pointsOf(p.Series, began, func(_ int, r series.Requests) (float64, bool) { return answered(r.Count) }), p.Series.Width); l.known() {
			c.Lines = append(c.Lines, l)
		}
	}
	c.Marks = marks(s, began)
	return c.cut(), c.dips()
}

// dips reports whether any of a curve was less than ordinary since the fault.
func (c Curve) dips() bool {
	return slices.ContainsFunc(c.Lines, func(l Line) bool {
		least, known := l.Least()
		return known && least < ordinary
	})
}

// Runs is which share of all populations' requests was answered in each of several drills, a line a drill by its label, each
// from its own fault on; a drill with a state of nil, or in which nothing was measured, has none. False is as of Answered.
func Runs(labels []string, states []*drill.State) (Curve, bool) {
	var c Curve
	for i, s := range states {
		if s == nil {
			continue
		}
		began, ok := Began(s)
		if !ok {
			continue
		}
		if l := lineOf(labels[i], pointsOf(s.Traffic, began, func(_ int, c series.Count) (float64, bool) { return answered(c) }), s.Traffic.Width); l.known() {
			c.Lines = append(c.Lines, l)
		}
	}
	return c.cut(), c.dips()
}

func lineOf(name string, points []Point, width time.Duration) Line {
	return Line{Kind: Requests, Name: name, Width: width, Points: points}
}

// known reports whether anything of a line was measured since the fault.
func (l Line) known() bool {
	for _, p := range l.Points {
		if p.Known && p.At+l.Width > 0 {
			return true
		}
	}
	return false
}

// answered is the share of the requests which came to an end in a span that were answered; not known where none did.
func answered(c series.Count) (float64, bool) {
	ended := c.OK + c.Failed
	if c.Over <= 0 || ended == 0 {
		return 0, false
	}
	return float64(c.OK) / float64(ended), true
}
