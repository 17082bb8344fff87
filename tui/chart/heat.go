package chart

import (
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// shades go from little to much: they are patterns, so that no colour is needed.
var shades = []string{" ", "░", "▒", "▓", "█"}

// Heat draws one field of a heat map: a sign for how much of the most, from 0 to 1, before its value.
// Odd values are not as they should be.
func Heat(a canvas.Area, share float64, odd bool, value string) {
	st := style.Text
	if odd {
		st = style.CautBold
	}
	x := a.Right(a.W, 0, st, canvas.Cut(value, a.W-2))
	i := min(int(clamp(share)*float64(len(shades))), len(shades)-1)
	if x > 0 {
		a.Text(x-1, 0, style.FineArea, shades[i])
	}
}
