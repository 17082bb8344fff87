package canvas

import (
	"slices"
	"strings"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"

	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Zone is a part of the screen that takes clicks. It is written down where it is drawn, so
// that nothing else has to know where that was. It is by hand because lipgloss's layers,
// which have a hit test, are made of strings, and what is drawn here is cells.
type Zone struct {
	Rect   uv.Rectangle
	Target any // what is clicked; nil is nothing, and hides what lies below
}

// Key is the target of what stands for a key: a click is that key, by its name.
type Key string

// shown is how keys are shown that have more names than that.
var shown = map[string]Key{
	"⏎": "enter", "enter": "enter", "tab": "tab", "shift+tab": "shift+tab", "esc": "esc", "space": "space",
	"pgup": "pgup", "pgdn": "pgdown", "home": "home", "end": "end",
}

// presses is the key that a click on a span presses, behind one that presses before.
func (s Span) presses(before Key) Key {
	switch name := strings.TrimSpace(s.Text); {
	case s.Press != "":
		return s.Press
	case s.Style == style.Label:
		return before
	case s.Style != style.Key:
		return ""
	case utf8.RuneCountInString(name) == 1 && shown[name] == "":
		return Key(name)
	default:
		return shown[name]
	}
}

// Zones is all zones of a frame, what was drawn last on top.
type Zones []Zone

// At is the zone at a place of the screen; one without a target where there is none.
func (z Zones) At(x, y int) Zone {
	at := uv.Pos(x, y)
	for _, zone := range slices.Backward(z) {
		if at.In(zone.Rect) {
			return zone
		}
	}
	return Zone{}
}

// Zone makes an area take clicks.
func (a Area) Zone(target any) {
	if a.W > 0 && a.H > 0 {
		a.c.zones = append(a.c.zones, Zone{Rect: a.Bounds(), Target: target})
	}
}

// Zones is what takes clicks on the canvas.
func (c *Canvas) Zones() Zones { return c.zones }
