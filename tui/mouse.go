package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// wheelLines is how far a notch of the wheel goes, as in other programs of the terminal.
const wheelLines = 3

// click does what was clicked, as the frame that is seen has it.
func (m *model) click(msg tea.MouseClickMsg) tea.Cmd {
	if msg.Button != tea.MouseLeft {
		return nil
	}
	target := m.zones.At(msg.X, msg.Y).Target
	if d := m.dialogs.Top(); d != nil {
		return m.outcome(d, dialog.Click(d, target, m.context()))
	}
	switch t := target.(type) {
	case canvas.Key:
		return m.pressed(keys.Named(string(t)))
	case pane.Target:
		m.notice = page.Notice{}
		m.drill.Show(t.Pane)
		if t.Region != "" {
			m.drill.Region = t.Region
		}
	}
	return nil
}

// wheel scrolls what is under the pointer.
func (m *model) wheel(msg tea.MouseWheelMsg) tea.Cmd {
	down := msg.Button == tea.MouseWheelDown
	if !down && msg.Button != tea.MouseWheelUp {
		return nil
	}
	if d := m.dialogs.Top(); d != nil {
		return m.outcome(d, dialog.Wheel(d, down, m.context()))
	}
	switch m.page() {
	case keys.PageDrill:
		t, _ := m.zones.At(msg.X, msg.Y).Target.(pane.Target)
		if t.Pane == pane.Timeline || t.Pane == pane.Commands {
			by := wheelLines
			if down {
				by = -wheelLines
			}
			m.drill.ScrollBy(m.now().State, by)
		}
		return nil
	case keys.PageStart, keys.PageResult:
		if down {
			return m.pressed(keys.Named("down"))
		}
		return m.pressed(keys.Named("up"))
	}
	return nil
}
