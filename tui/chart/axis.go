package chart

import "time"

// Axis is time from the left to the right, in columns of one width. They stand for fixed times, so
// that nothing moves until a column is over.
type Axis struct {
	From   time.Duration
	Column time.Duration
	W      int
}

// factors is how many points of a series a column joins: few steps, so that a chart is seldom drawn
// to another scale.
var factors = []int{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512}

// NewAxis is an axis of at most w columns that has room for the time from a beginning on until now, of a
// series whose points have a width. Its columns join as many of these as By says.
func NewAxis(from, now, width time.Duration, w int) Axis {
	a := Axis{W: max(w, 1)}
	for _, n := range factors {
		a.Column = width * time.Duration(n)
		a.From = from / a.Column * a.Column
		if now-a.From <= a.Column*time.Duration(a.W) {
			break
		}
	}
	return a
}

// By is how many points of a series of a width a column joins.
func (a Axis) By(width time.Duration) int { return max(int(a.Column/width), 1) }

// At is the column of a time; it may be outside.
func (a Axis) At(t time.Duration) int { return int((t - a.From) / a.Column) }

// First is the index of the axis' first column among those that begin at zero.
func (a Axis) First() int { return int(a.From / a.Column) }
