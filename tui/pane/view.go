// Package pane draws the parts of the screen. Each pane is a function of a View
// and an area, in a file of its own, or in a folder of its own where it takes several:
// it asks nobody, keeps nothing, and draws the same for the same view. What is not measured is marked: "~" for what is
// predicted, "model" for what is computed from settings, "unknown" with its age
// for what can't be seen now.
package pane

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/fleetmap"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// View is all that a pane may look at.
type View struct {
	show.Scene
	Focus  ID // the pane that has the keys
	Order  fleetmap.Order
	Among  string // what the fleet's table is filtered by
	Filter string // of the timeline
	Scroll int    // lines back from the newest, or down from the top
	Told   bool   // what an incident came to is told whole elsewhere on the screen
}

// ID names a pane.
type ID int

// The panes, in the order of their keys.
const (
	Fleet ID = iota + 1
	Traffic
	Data
	Recovery
	Timeline
	Links
	Region
	Commands
	Latency
	Config
	Preflight
)

// First and Last bound the panes.
const (
	First = Fleet
	Last  = Preflight
)

// definition is one pane. Off says why a fleet has nothing to show in it, "" where it has; a nil one is never off.
type definition struct {
	name  string
	key   string
	off   func(*drill.State) string
	title func(View) (title, note string)
	draw  func(canvas.Area, View)
}

func fixed(title, note string) func(View) (string, string) {
	return func(View) (string, string) { return title, note }
}

var panes = map[ID]definition{
	Fleet:     {"fleet", "1", nil, fleetTitle, drawFleet},
	Traffic:   {"traffic", "2", nil, fixed("Traffic", "answered and failed a second"), drawTraffic},
	Data:      {"data", "3", nil, dataTitle, drawData},
	Recovery:  {"recovery", "4", nil, recoveryTitle, drawRecovery},
	Timeline:  {"timeline", "5", nil, timelineTitle, drawTimeline},
	Links:     {"links", "6", nil, fixed("Links", "round trips simulated → measured"), drawLinks},
	Region:    {"region", "7", nil, regionTitle, drawRegion},
	Commands:  {"commands", "8", nil, fixed("Commands sent", ""), drawCommands},
	Latency:   {"latency", "9", nil, latencyTitle, drawLatency},
	Config:    {"configuration", "0", noConfig, configTitle, drawConfig},
	Preflight: {"preflight", "-", nil, preflightTitle, drawPreflight},
}

// Name is a pane's name for help texts.
func (id ID) Name() string { return panes[id].name }

// Key is the key that shows a pane.
func (id ID) Key() string { return panes[id].key }

// Off says why a fleet has nothing to show in a pane; "" where it has.
func (id ID) Off(s *drill.State) string {
	if off := panes[id].off; off != nil {
		return off(s)
	}
	return ""
}

// FromTop reports whether a pane scrolls from its top down, and not back from what is newest.
func (id ID) FromTop() bool {
	return id == Recovery || id == Links || id == Latency || id == Config || id == Preflight
}

// Draw draws a pane with its frame.
func Draw(id ID, a canvas.Area, v View) {
	p, ok := panes[id]
	if !ok {
		return
	}
	a.Zone(Target{Pane: id})
	title, note := p.title(v)
	// A note that has no room loses its last part, and the one before.
	for cut := strings.LastIndex(note, " · "); cut > 0 && canvas.Width(title+note) > a.W-8; cut = strings.LastIndex(note, " · ") {
		note = note[:cut]
	}
	inside := a.Box(v.Frame(v.Focus == id), title, note).Inset(1, 0)
	if inside.W > 0 && inside.H > 0 {
		p.draw(inside, v)
	}
}

// Target is what is clicked on a pane: the pane itself, and a region in it, or none.
type Target struct {
	Pane   ID
	Region string
}

// Frame is the frame of a pane or a list; the one that has the keys is durable by a
// sign as well as by its colour, which some terminals and eyes have not.
func (v View) Frame(focused bool) canvas.Frame {
	if focused {
		return canvas.Frame{Line: style.FrameHot, Title: style.TitleHot, Mark: v.Theme.Glyphs.Pointer}
	}
	return canvas.Frame{Line: style.Frame, Title: style.Title}
}

// hinted is the scene with the keys named that are for a pane only while it has the focus.
func (v View) hinted(id ID) show.Scene {
	sc := v.Scene
	if v.Focus != id {
		sc.Hints.ScrollOn, sc.Hints.FullPane, sc.Hints.Config = "", "", ""
	}
	return sc
}

// from is how far down a pane that scrolls from its top was scrolled; another one that has the
// focus scrolls by itself.
func (v View) from(id ID) int {
	if v.Focus != id {
		return 0
	}
	return v.Scroll
}
