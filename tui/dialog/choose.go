package dialog

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// choose offers the candidates for a parameter of a command.
type choose struct {
	noText
	guard
	action  action.Action
	command runbook.Command
	param   param.Param
	at      int
	why     string // why the last one could not be chosen
}

// newChoose points at the first candidate that can be chosen.
func newChoose(a action.Action, command runbook.Command, p param.Param, c Context) Dialog {
	d := &choose{guard: guard{c.Local}, action: a, command: command, param: p}
	d.at = max(0, slices.IndexFunc(d.list(c), func(o action.Choice) bool { return o.Off == nil }))
	return d
}

// list is the candidates; what holds changes while they are shown.
func (d *choose) list(c Context) []action.Choice {
	return c.Choices(d.action, d.command, d.param)
}

func (d *choose) Key(k tea.KeyPressMsg, c Context) Outcome {
	if !d.takes(c.Local) {
		return Outcome{}
	}
	list := d.list(c)
	last := max(len(list)-1, 0)
	d.at = min(d.at, last)
	switch k.String() {
	case "down", "j", "tab":
		d.at, d.why = min(d.at+1, last), ""
	case "up", "k", "shift+tab":
		d.at, d.why = max(d.at-1, 0), ""
	case "esc", "q":
		return Outcome{Close: true}
	case "enter":
		if len(list) == 0 {
			return Outcome{Close: true}
		}
		if d.why = c.OffWords(list[d.at].Off); d.why == "" {
			d.why = c.NoCommands()
		}
		if d.why == "" {
			return Outcome{Choice: Want{Command: list[d.at].Command}}
		}
	}
	return Outcome{}
}

func (d *choose) title() string {
	name := capital(d.action.Words.Name)
	if d.command.Dataset != "" {
		name += " of " + d.command.Dataset
	}
	return name + ": " + d.param.Help
}

func (d *choose) Draw(a canvas.Area, c Context) {
	list := d.list(c)
	in := over(a, 74, len(list)+5, calmFrame, d.title(), "")
	if !d.armed(c.Local) {
		return
	}
	room := max(in.H-2, 1)
	from := max(0, d.at-room+1)
	for i := from; i < min(len(list), from+room); i++ {
		o, y := list[i], i-from
		st, mark, note := style.Text, "  ", o.Note
		if o.Off != nil {
			st, note = style.Label, o.Off.Why
		}
		if i == d.at {
			mark, st.Bold = c.Theme.Glyphs.Pointer+" ", true
		}
		in.Rows(y, 1).Zone(Row(i))
		x := in.Text(0, y, st, mark+o.Text)
		in.Line(x+2, y, in.W, canvas.S(style.Label, note))
	}
	foot, st := "↑ ↓ choose   enter does it   esc goes back", style.Label
	if d.why != "" {
		foot, st = d.why, style.CautBold
	}
	in.Fit(0, in.H-1, in.W, st, foot)
}
