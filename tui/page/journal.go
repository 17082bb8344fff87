package page

import (
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

const journalLabel = "journal  "

// journalLines is the path of a journal on a page of w columns, broken where a line ends: it
// is to be copied, so nothing of it is left out. None for "".
func journalLines(path string, w int) []string {
	if path == "" {
		return nil
	}
	return canvas.Wrap(path, w-2-canvas.Width(journalLabel))
}

// drawJournal says where the journal is, in the last rows of the area.
func drawJournal(a canvas.Area, path string) {
	lines := journalLines(path, a.W)
	for i, l := range lines {
		y := a.H - len(lines) + i
		if i == 0 {
			a.Text(1, y, style.Label, journalLabel)
		}
		a.Text(1+canvas.Width(journalLabel), y, style.Text, l)
	}
}
