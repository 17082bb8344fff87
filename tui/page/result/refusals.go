package result

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawRefusals says of each step that is there to be refused what it was told: the reason is
// what the drill shows. It returns the rows.
func drawRefusals(a canvas.Area, v pane.View) (y int) {
	for _, r := range measure.Refusals(v.State) {
		st, text := style.Label, fmt.Sprintf("step %d, %s: ", r.Step+1, r.Command)
		switch {
		case !r.Known:
			st, text = style.CautBold, text+"was not reached"
		case r.Refused:
			text += "refused, " + r.Why
		default:
			st, text = style.DangerBold, text+"was not refused"
		}
		for _, l := range canvas.Wrap(text, a.W) {
			a.Text(0, y, st, l)
			y++
		}
	}
	return y
}
