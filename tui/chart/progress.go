package chart

import (
	"fmt"
	"math"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Progress draws how far something is in w columns: a bar and its percentage. It says 100 % only of
// what is done. The one of bubbles writes escape sequences of its own, which cells have no use for.
func Progress(a canvas.Area, x, y, w int, share float64) {
	const text = 6
	if w <= text {
		return
	}
	Meter(a, x, y, w-text, share, style.Caution)
	percent := int(math.Floor(clamp(share) * 100))
	a.Right(x+w, y, style.Text, fmt.Sprintf("%d %%", percent))
}
