package canvas

import (
	"slices"

	uv "github.com/charmbracelet/ultraviolet"
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
