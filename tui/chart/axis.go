package chart

import "time"

// Axis is time from the left to the right, in columns of one width. They stand for fixed times, so
// that nothing moves until a column is over.
type Axis struct {
	From    time.Duration
	Column  time.Duration
	W       int
	stretch int // columns that a point of the series is drawn over
}

// factors is how many points of a series a column joins: few steps, so that a chart is seldom drawn
// to another scale.
var factors = []int{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512}

// NewAxis is an axis of at most w columns that has room for the time from a beginning on until now, of a
// series whose points have a width. Its columns join as many of these as By says, or, while there are few,
// draw each over several columns.
func NewAxis(from, now, width time.Duration, w int) Axis {
	a := Axis{W: max(w, 1), stretch: 1}
	for _, n := range factors {
		a.Column = width * time.Duration(n)
		a.From = from / a.Column * a.Column
		if now-a.From <= a.Column*time.Duration(a.W) {
			break
		}
	}
	for a.stretch < 4 && a.Column == width && now-a.From <= width/time.Duration(2*a.stretch)*time.Duration(a.W) {
		a.stretch *= 2
	}
	a.Column /= time.Duration(a.stretch)
	return a
}

// By is how many points of a series of a width a column joins.
func (a Axis) By(width time.Duration) int {
	return max(int(a.Column*time.Duration(a.stretch)/width), 1)
}

// At is the column of a time; it may be outside.
func (a Axis) At(t time.Duration) int { return int((t - a.From) / a.Column) }

// Columns is the columns of the axis, of a series' points joined by By.
func Columns[P any](a Axis, points []P) []P {
	first := int(a.From / (a.Column * time.Duration(a.stretch)))
	points = points[min(first, len(points)):]
	out := make([]P, 0, len(points)*a.stretch)
	for _, p := range points {
		for range a.stretch {
			out = append(out, p)
		}
	}
	return out[:min(len(out), a.W)]
}
