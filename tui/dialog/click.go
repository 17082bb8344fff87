package dialog

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// What is clicked in a dialog, beside what stands for a key.
type (
	// Row is a row of a list. A click on it selects it, and one on the selected row is Enter.
	Row int
	// Button is a choice, by its text. A click on it is to go there and press Enter.
	Button string
)

// list is a dialog with rows to select.
type list interface{ selected() *int }

// buttons is a dialog with buttons. focus goes to one; it is false where there is no such.
type buttons interface{ focus(text string) bool }

// Mouse is what the mouse brought about in a dialog. What was in flight when the dialog
// opened is dropped, as a key is.
func Mouse(d Dialog, m keys.Mouse, c Context) Outcome {
	if g, guarded := d.(interface{ armed(time.Time) bool }); guarded && !g.armed(c.Local) {
		return Outcome{}
	}
	switch m.Did {
	case keys.Clicked:
		return click(d, m.On, c)
	case keys.Wheeled:
		switch d.(type) {
		case buttons, *filter, *form: // which have nothing to scroll
		default:
			return d.Key(keys.Named(m.WheelKey()), c)
		}
	}
	return Outcome{}
}

func click(d Dialog, target any, c Context) Outcome {
	switch t := target.(type) {
	case canvas.Key:
		return d.Key(keys.Named(string(t)), c)
	case Row:
		if l, is := d.(list); is && *l.selected() != int(t) {
			*l.selected() = int(t)
			return Outcome{}
		}
		return d.Key(keys.Named("enter"), c)
	case Button:
		if b, is := d.(buttons); is && b.focus(string(t)) {
			return d.Key(keys.Named("enter"), c)
		}
	}
	return Outcome{}
}

func (d *choose) selected() *int  { return &d.at }
func (d *palette) selected() *int { return &d.at }

func (d *confirm) focus(text string) bool {
	d.yes = text != cancel
	return true
}

func (d *quit) focus(text string) bool {
	at := slices.IndexFunc(d.choices(), func(c quitChoice) bool { return c.text == text })
	d.at = max(at, 0)
	return at >= 0
}
