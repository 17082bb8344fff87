// Package dialog holds what is laid over a page. A dialog takes keys and returns
// what was chosen by them; it knows no model, and drawing it changes nothing.
package dialog

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Dialog gets every key while it is on top.
type Dialog interface {
	Key(k tea.KeyPressMsg, c Context) Outcome
	// Paste takes a pasted text in; a dialog without a text drops it.
	Paste(text string)
	Draw(a canvas.Area, c Context)
	// Typing reports whether keys are characters of a text now.
	Typing() bool
}

// Context is all that a dialog may look at.
type Context struct {
	keys.Now
	Local time.Time // the local clock
	W, H  int       // the room that a dialog is drawn in
}

// Outcome is what a key brought about.
type Outcome struct {
	Close  bool
	Choice Choice // nil where nothing was chosen
}

// Choice is one of the types below.
type Choice any

type (
	// Want asks for a command of which parameters or a confirmation may be missing.
	// Typed says that those which are typed are there, as far as they are wanted.
	Want struct {
		Command runbook.Command
		Typed   bool
	}
	// Send is a command as it is to be sent.
	Send struct{ Command runbook.Command }
	// Leave ends the session; Keep leaves the fleet running, Stay shows the drill's result then.
	Leave struct{ Keep, Stay bool }
	// Press does what a key would, with the region in focus unless that is "".
	Press struct {
		Binding keys.Binding
		Region  string
	}
	// Filter sets the words that lines of the timeline must contain.
	Filter struct{ Text string }
)

// Stack is the open dialogs; the last is on top.
type Stack []Dialog

// Top is the dialog that gets the keys; nil when none is open.
func (s Stack) Top() Dialog {
	if len(s) == 0 {
		return nil
	}
	return s[len(s)-1]
}

// Push opens a dialog over the others.
func (s Stack) Push(d Dialog) Stack { return append(s[:len(s):len(s)], d) }

// Without closes a dialog, wherever it is.
func (s Stack) Without(d Dialog) Stack {
	var left Stack
	for _, other := range s {
		if other != d {
			left = append(left, other)
		}
	}
	return left
}

// is reports whether a key is that of one of the screen's own.
func (c Context) is(k tea.KeyPressMsg, op keys.Op) bool {
	b := c.Keys.For(k.String())
	return b != nil && b.Intent.Op == op
}

// noText is embedded by dialogs into which nothing is typed.
type noText struct{}

func (noText) Paste(string) {}
func (noText) Typing() bool { return false }

// guard drops keys that were in flight when a dialog opened, pressed for what
// was there before. Choices are drawn only once they can be chosen, so whoever
// sees them can press a key.
type guard struct{ opened time.Time }

// InFlight is longer than a burst of keys that piled up, and too short for
// anybody to have read the question.
const InFlight = 150 * time.Millisecond

func (g guard) armed(now time.Time) bool { return now.Sub(g.opened) >= InFlight }

// takes reports whether a key that came now can be meant for the dialog. One that can't makes
// the wait begin anew: what follows it that soon was in flight with it.
func (g *guard) takes(now time.Time) bool {
	if !g.armed(now) {
		g.opened = now
		return false
	}
	return true
}

// over clears a box of at most w × h in the middle of the screen and frames it.
func over(a canvas.Area, w, h int, f canvas.Frame, title, note string) canvas.Area {
	w, h = min(w, a.W), min(h, a.H)
	x, y := (a.W-w)/2, max((a.H-h)/2-1, 0)
	a.Sub(x-1, y, w+2, h).Clear() // a blank on each side sets it off
	box := a.Sub(x, y, w, h)
	return box.Box(f, title, note).Inset(1, 0)
}

// inside is the size within the frame of a box that over makes.
func (c Context) inside(w, h int) (int, int) {
	return max(min(w, c.W)-4, 0), max(min(h, c.H)-2, 0)
}

var (
	calmFrame   = canvas.Frame{Line: style.FrameHot, Title: style.TitleHot}
	dangerFrame = canvas.Frame{Line: style.Danger, Title: style.DangerBold, Heavy: true}
)

// button draws a choice, the focused one reversed and pointed at; it returns
// the column after it.
func button(a canvas.Area, c Context, x, y int, focused bool, st style.Style, text string) int {
	mark := "  "
	if focused {
		mark = c.Theme.Glyphs.Pointer + " "
		st.Bold, st.Reverse = true, true
	}
	end := a.Text(x, y, st, " "+mark+text+"  ")
	a.Sub(x, y, end-x, 1).Zone(Button(text))
	return end + 2
}

// cancel is the button that does nothing.
const cancel = "Cancel"

// scrolled moves a position in rows of which room are seen; false for a key that does not
// scroll. It is by hand because bubbles' viewport holds lines of text, and what scrolls here
// is drawn into cells, as far as it is seen.
func scrolled(at int, key string, page, rows, room int) (int, bool) {
	switch key {
	case "down", "j":
		at++
	case "up", "k":
		at--
	case "pgdown", "space":
		at += page
	case "pgup":
		at -= page
	case "home", "g":
		at = 0
	case "end", "G":
		at = rows
	default:
		return at, false
	}
	return min(max(at, 0), max(rows-room, 0)), true
}
