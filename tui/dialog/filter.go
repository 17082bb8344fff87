package dialog

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// filter is the filter of the timeline. It is typed in the footer and takes
// effect as it is typed.
type filter struct {
	line Input
	was  string
}

// NewFilter begins with the filter that holds now.
func NewFilter(now string) Dialog { return &filter{line: Input{Text: now}, was: now} }

func (d *filter) Typing() bool      { return true }
func (d *filter) Paste(text string) { d.line.Add(text) }

func (d *filter) Key(k tea.KeyPressMsg, _ Context) Outcome {
	switch k.String() {
	case "enter":
		return Outcome{Close: true, Choice: Filter{d.line.Text}}
	case "esc":
		return Outcome{Close: true, Choice: Filter{d.was}}
	}
	d.line.Key(k)
	return Outcome{Choice: Filter{d.line.Text}}
}

func (d *filter) Draw(a canvas.Area, _ Context) {
	row := a.Rows(a.H-2, 1)
	row.Clear()
	x := row.Text(1, 0, style.Key, "filter: ")
	d.line.Draw(row, x, 0, a.W-x-30)
	row.Right(a.W-1, 0, style.Label, "enter keeps it   esc undoes")
}

// InFooter reports whether a dialog leaves the page visible.
func InFooter(d Dialog) bool {
	_, is := d.(*filter)
	return is
}
