package chart

import (
	"math"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Line is values over time, one a column. NaN is where nothing was measured: the line is broken there.
type Line struct {
	Values []float64
	Style  style.Style
}

// brailleDots is the bit of each dot of a braille sign, by row and column (Unicode, block U+2800).
var brailleDots = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

const braille = 0x2800

// Lines draws lines of braille dots, two to a column and four to a row, against a scale from zero to top.
// Where two lines meet in a cell both are drawn, in the style of the later one. (ntcharts draws such lines
// too, on a canvas and in styles of its own, which would have to be read back.)
func Lines(a canvas.Area, lines []Line, top float64) {
	if a.W < 1 || a.H < 1 || top <= 0 {
		return
	}
	cells := make([]rune, a.W*a.H)
	styles := make([]style.Style, a.W*a.H)
	for _, l := range lines {
		set := func(x, y int) {
			if x < 0 || y < 0 || x >= 2*a.W || y >= 4*a.H {
				return
			}
			at := y/4*a.W + x/2
			cells[at] |= brailleDots[y%4][x%2]
			styles[at] = l.Style
		}
		last, known := 0, false
		for x, v := range l.Values {
			if math.IsNaN(v) {
				known = false
				continue
			}
			y := int(math.Round((1 - clamp(v/top)) * float64(4*a.H-1)))
			set(2*x, y)
			set(2*x+1, y)
			// The rise from the column before, so that the line is one.
			for ; known && last != y; last += sign(y - last) {
				set(2*x, last)
			}
			last, known = y, true
		}
	}
	for i, c := range cells {
		if c != 0 {
			a.Text(i%a.W, i/a.W, styles[i], string(rune(braille)+c))
		}
	}
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}
