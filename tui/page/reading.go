package page

import (
	"time"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Reading draws that a journal is being read; beat is a clock for what moves meanwhile.
func Reading(a canvas.Area, n keys.Now, foot Footer, beat time.Duration) {
	a.Text(1, 0, style.Brand, "fleetdrill")
	n.View.Now = beat
	a.Text(1, 2, style.Caution, n.Spinner()+" reading the journal")
	foot.Draw(a.Rows(a.H-layout.FooterHeight, layout.FooterHeight), n)
}
