package dialog

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// compare shows this drill beside an earlier run of it.
type compare struct {
	noText
	before *drill.State
	scroll int
}

// NewCompare shows the drill that is on the screen beside an earlier run of it.
func NewCompare(before *drill.State) Dialog { return &compare{before: before} }

func (d *compare) lay(c Context) (rows []comparison.Row, w, h, room int) {
	rows = comparison.Of(comparison.Run{Label: "last run", State: d.before}, comparison.Run{Label: "this run", State: c.State}).Rows
	w, h = min(c.W, 84), min(len(rows)+4, c.H-1)
	_, room = c.inside(w, h)
	return rows, w, h, max(room-2, 1)
}

func (d *compare) Key(k tea.KeyPressMsg, c Context) Outcome {
	switch k.String() {
	case "esc", "q", "enter":
		return Outcome{Close: true}
	}
	rows, _, _, room := d.lay(c)
	var scrolls bool
	if d.scroll, scrolls = scrolled(d.scroll, k.String(), room, len(rows), room); !scrolls && c.is(k, keys.Compare) {
		return Outcome{Close: true}
	}
	return Outcome{}
}

func (d *compare) Draw(a canvas.Area, c Context) {
	rows, w, h, room := d.lay(c)
	in := over(a, w, h, calmFrame, "This run beside the last one", "")
	mid := in.W - in.W/3
	in.Right(mid, 0, style.Title, "last run")
	in.Right(in.W, 0, style.Title, "this run")
	from := min(d.scroll, max(len(rows)-room, 0))
	for y, r := range rows[from:min(from+room, len(rows))] {
		in.Text(0, y+1, style.Label, r.What)
		in.Right(mid, y+1, style.Text, r.Cells[0].Text)
		st := style.Text
		if r.Differs {
			st = style.Strong
		}
		in.Right(in.W, y+1, st, r.Cells[1].Text)
	}
	foot := "esc back"
	if len(rows) > room {
		foot = "↑ ↓ scroll   esc back"
	}
	in.Fit(0, in.H-1, in.W, style.Label, foot)
}
