package dialog

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// lost lists lost writes, and what two authorities acknowledged at once.
type lost struct {
	noText
	dataset string
	scroll  int
}

// NewLost lists the lost writes of a dataset.
func NewLost(dataset string) Dialog { return &lost{dataset: dataset} }

func (d *lost) size(c Context) (w, h int) {
	return 74, min(len(lostRows(c.View, d.dataset))+4, max(c.H-8, 6))
}

func (d *lost) Key(k tea.KeyPressMsg, c Context) Outcome {
	switch k.String() {
	case "esc", "q", "enter":
		return Outcome{Close: true}
	}
	_, room := c.inside(d.size(c))
	d.scroll, _ = scrolled(d.scroll, k.String(), 10, len(lostRows(c.View, d.dataset)), max(room-1, 1))
	return Outcome{}
}

func (d *lost) Draw(a canvas.Area, c Context) {
	count := measure.Lost(c.State, d.dataset).N
	title, note := "Confirmed writes of "+d.dataset+" that are lost", format.Count(count)
	if s := c.State.Dataset(d.dataset); s != nil && len(s.Splits) > 0 {
		title, note = "Confirmed writes of "+d.dataset+": lost, or split", format.Count(count)+" lost"
	}
	w, h := d.size(c)
	in := over(a, w, h, calmFrame, title, note)
	rows := lostRows(c.View, d.dataset)
	for y, r := range rows[min(d.scroll, len(rows)):] {
		if y >= in.H-1 {
			break
		}
		if r.heading != "" {
			in.Fit(0, y, in.W, style.Title, r.heading)
			continue
		}
		in.Fit(0, y, 22, style.Text, r.id)
		in.Line(24, y, in.W, r.about...)
	}
	in.Fit(0, in.H-1, in.W, style.Label, "↑ ↓ scroll   esc back")
}
