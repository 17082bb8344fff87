package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// choice is one command among several that a key offers. why says why it can't
// be chosen now; "" when it can.
type choice struct {
	text, note string
	command    drill.Command
	why        string
}

// chooseDialog offers the ways in which one thing can be done. What takes
// something away from users is asked about again before it is done.
type chooseDialog struct {
	unpasted
	guard
	title, note string
	list        func(*model) []choice // what holds changes while it is open
	at          int
	why         string // why the last one could not be chosen
}

// choose opens a list of choices.
func choose(title func(*model) (title, note string), list func(*model) []choice) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		d := &chooseDialog{list: list, guard: guard{m.opt.Clock()}}
		d.title, d.note = title(m)
		return m.open(d)
	}
}

func (d *chooseDialog) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !d.armed(m.opt.Clock()) {
		return false, nil
	}
	list := d.list(m)
	d.at = min(d.at, max(len(list)-1, 0))
	switch k.String() {
	case "down", "j", "tab":
		d.at, d.why = min(d.at+1, max(len(list)-1, 0)), ""
	case "up", "k", "shift+tab":
		d.at, d.why = max(d.at-1, 0), ""
	case "esc", "q":
		return true, nil
	case "enter":
		if len(list) == 0 {
			return true, nil
		}
		c := list[d.at]
		if d.why = c.why; d.why == "" {
			d.why = canCommand(m)
		}
		if d.why != "" {
			return false, nil
		}
		if action.Confirmed(m.live.state, c.command) != nil {
			return false, m.open(newHarmDialog(c.command, m.opt.Clock()))
		}
		return true, m.send(c.command)
	}
	return false, nil
}

func (d *chooseDialog) draw(a canvas.Area, m *model, v pane.View) {
	list := d.list(m)
	in := over(a, 74, len(list)+5, calmFrame, d.title, d.note)
	if !d.armed(m.opt.Clock()) {
		return
	}
	room := max(in.H-2, 1)
	from := max(0, d.at-room+1)
	for i := from; i < min(len(list), from+room); i++ {
		c, y := list[i], i-from
		st, mark := theme.Text, "  "
		if c.why != "" {
			st = theme.Label
		}
		if i == d.at {
			mark, st.Bold = v.Theme.Glyphs.Pointer+" ", true
		}
		x := in.Text(0, y, st, mark+c.text)
		note := c.note
		if c.why != "" {
			note = c.why
		}
		in.Line(x+2, y, in.W, canvas.S(theme.Label, note))
	}
	foot, st := "↑ ↓ choose   enter does it   esc goes back", theme.Label
	if d.why != "" {
		foot, st = d.why, theme.CautBold
	}
	in.Fit(0, in.H-1, in.W, st, foot)
}
