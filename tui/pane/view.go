// Package pane draws the parts of the screen. Each pane is a function of a View
// and an area, in a file of its own: it asks nobody, keeps nothing, and draws
// the same for the same view. What is not measured is marked: "~" for what is
// predicted, "model" for what is computed from settings, "unknown" with its age
// for what can't be seen now.
package pane

import (
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/fleetmap"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// View is all that a pane may look at.
type View struct {
	State *drill.State
	// Now is the engine's clock, moved on by the local one since the last
	// event, so that what runs is seen to run.
	Now     time.Duration
	Theme   style.Theme
	Region  string // the focused region
	Dataset string // the focused dataset
	Focus   ID     // the pane that has the keys
	Order   fleetmap.Order
	Among   string // what the fleet's table is filtered by
	Filter  string // of the timeline
	Scroll  int    // lines back from the newest, or down from the top
	Motion  bool   // things may move and light up
	Hints   Hints
}

// Hints is the keys that panes name, as people read them; "" for one that does nothing there now.
type Hints struct {
	ListLost, Mode, NextDataset, FullPane, ScrollOn, SortRegions, Filter string
}

// hint is what a key does, behind what stands before it; "" for no key.
func hint(before, key, does string) string {
	if key == "" {
		return ""
	}
	return before + key + " " + does
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
)

// First and Last bound the panes.
const (
	First = Fleet
	Last  = Latency
)

type definition struct {
	name  string
	title func(View) (title, note string)
	draw  func(canvas.Area, View)
}

func fixed(title string) func(View) (string, string) {
	return func(View) (string, string) { return title, "" }
}

var panes = map[ID]definition{
	Fleet:    {"fleet", fleetTitle, drawFleet},
	Traffic:  {"traffic", trafficTitle, drawTraffic},
	Data:     {"data", dataTitle, drawData},
	Recovery: {"recovery", recoveryTitle, drawRecovery},
	Timeline: {"timeline", timelineTitle, drawTimeline},
	Links:    {"links", linksTitle, drawLinks},
	Region:   {"region", regionTitle, drawRegion},
	Commands: {"commands", fixed("Commands sent"), drawCommands},
	Latency:  {"latency", latencyTitle, drawLatency},
}

// Name is a pane's name for help texts.
func (id ID) Name() string { return panes[id].name }

// FromTop reports whether a pane scrolls from its top down, and not back from what is newest.
func (id ID) FromTop() bool { return id == Recovery || id == Links || id == Latency }

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

// Elapsed is a time of the engine's on the clock of the drill.
func (v View) Elapsed(t time.Duration) time.Duration { return v.State.Elapsed(t) }

// Scene is the fleet as it is looked at, for what is drawn in several places.
func (v View) Scene() show.Scene {
	return show.Scene{State: v.State, Now: v.Now, Theme: v.Theme, Region: v.Region, Dataset: v.Dataset, Motion: v.Motion}
}

// Chosen is the focused dataset, or the first; nil when there is none.
func (v View) Chosen() *drill.DatasetState { return v.Scene().Chosen() }

// Spinner is the sign of something that runs.
func (v View) Spinner() string { return v.Scene().Spinner() }

// focused is the key of some of a pane's where that pane has the keys, else "".
func (v View) focused(id ID, key string) string {
	if v.Focus != id {
		return ""
	}
	return key
}

// recent reports whether something changed so recently that it is lit.
func (v View) recent(t time.Duration) bool { return v.Scene().Recent(t) }

// age is how long ago a time was, in whole seconds.
func (v View) age(t time.Duration) string { return v.Scene().Age(t) }
