package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
)

// mouse takes what was done with the mouse to whoever is beneath it: to the dialog on top,
// else to the key that is clicked on, or to the page.
func (m *model) mouse(msg tea.MouseMsg) tea.Cmd {
	did, ok := didOf(msg)
	if !ok {
		return nil
	}
	did.On = m.zones.At(did.X, did.Y).Target
	// A dialog may have opened over a scrubber that is held: to let go is not for it.
	if (m.dialogs.Top() == nil || did.Did == keys.Released) && m.scrub(did, m.w, m.h, m.local) {
		return nil
	}
	if m.past != nil {
		did.Y -= page.TapeAbove
	}
	w, h := m.past.room(m.w, m.h)
	if d := m.dialogs.Top(); d != nil {
		o := dialog.Mouse(d, did, m.context())
		if o.Close {
			m.dialogs = m.dialogs.Without(d)
		}
		return m.chosen(o.Choice)
	}
	if key, is := did.On.(canvas.Key); is && did.Did == keys.Clicked {
		return m.pressed(keys.Named(string(key)))
	}
	switch m.page() {
	case keys.PageStart:
		o, enter := m.start.Mouse(did)
		if enter {
			return m.pressed(keys.Named("enter"))
		}
		return m.startDid(o)
	case keys.PageDrill:
		if did.Did == keys.Clicked {
			m.notice = page.Notice{}
		}
		if in, ok := m.drill.Mouse(did, m.now(), w, h); ok {
			return do(m, in)
		}
	case keys.PageResult, keys.PageCompared:
		if did.Did == keys.Wheeled {
			return m.pressed(keys.Named(did.WheelKey()))
		}
	}
	return nil
}

// didOf is what a message of the mouse says; false for what nobody here takes.
func didOf(msg tea.MouseMsg) (keys.Mouse, bool) {
	at := msg.Mouse()
	did := keys.Mouse{X: at.X, Y: at.Y}
	switch msg.(type) {
	case tea.MouseClickMsg:
		did.Did = keys.Clicked
	case tea.MouseMotionMsg:
		did.Did = keys.Dragged
	case tea.MouseReleaseMsg:
		did.Did = keys.Released
		return did, true // some terminals do not say of which button
	case tea.MouseWheelMsg:
		did.Did = keys.Wheeled
		switch at.Button {
		case tea.MouseWheelUp:
			did.By = 1
		case tea.MouseWheelDown:
			did.By = -1
		}
		return did, did.By != 0
	}
	return did, at.Button == tea.MouseLeft
}
