package page

import (
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

const journalLabel = "journal  "

// JournalLines is the path of a journal on a page of w columns, broken where a line ends: it
// is to be copied, so nothing of it is left out. None for "".
func JournalLines(path string, w int) []string {
	if path == "" {
		return nil
	}
	return canvas.Wrap(clean.Text(path), w-2-canvas.Width(journalLabel))
}

// DrawJournal says where the journal is, in the last rows of the area.
func DrawJournal(a canvas.Area, path string) {
	lines := JournalLines(path, a.W)
	for i, l := range lines {
		y := a.H - len(lines) + i
		if i == 0 {
			a.Text(1, y, style.Label, journalLabel)
		}
		a.Text(1+canvas.Width(journalLabel), y, style.Text, l)
	}
}

// DrawRemarks says what of the journal is not in what is shown; it returns the rows.
func DrawRemarks(a canvas.Area, remarks []string) (rows int) {
	for _, remark := range remarks {
		for _, l := range canvas.Wrap("this journal: "+remark, a.W) {
			a.Text(0, rows, style.CautBold, l)
			rows++
		}
	}
	return rows
}
