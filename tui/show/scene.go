package show

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Scene is a fleet as it is looked at: its state, when, in which look, and what is in focus.
type Scene struct {
	State *drill.State
	// Now is the engine's clock, moved on by the local one since the last
	// event, so that what runs is seen to run.
	Now     time.Duration
	Theme   style.Theme
	Region  string // in focus
	Dataset string // in focus
	Motion  bool   // things may move and light up
	Hints   Hints
}

// Hints is the keys that are named beside what they do, as people read them; "" for one that does
// nothing there now.
type Hints struct {
	ListLost, Mode, NextDataset, FullPane, ScrollOn, SortRegions, Filter string
	Config                                                               string // of all that changes the configuration, each with what it does
}

// Hint is what a key does, behind what stands before it; "" for no key.
func Hint(before, key, does string) string {
	if key == "" {
		return ""
	}
	return before + key + " " + does
}

// Chosen is the focused dataset, or the first; nil when there is none.
func (s Scene) Chosen() *drill.DatasetState {
	if d := s.State.Dataset(s.Dataset); d != nil {
		return d
	}
	if len(s.State.Datasets) > 0 {
		return s.State.Datasets[0]
	}
	return nil
}

// Recent reports whether something changed so recently that it is lit.
func (s Scene) Recent(t time.Duration) bool { return s.Motion && t > 0 && s.Now-t < time.Second }

// Spinner is the sign of something that runs.
func (s Scene) Spinner() string {
	g := s.Theme.Glyphs
	if !s.Motion || len(g.Spinner) == 0 {
		return g.Pointer
	}
	return g.Spinner[int(s.Now/(100*time.Millisecond))%len(g.Spinner)]
}

// Elapsed is a time of the engine's on the clock of the drill.
func (s Scene) Elapsed(t time.Duration) time.Duration { return measure.Elapsed(s.State, t) }

// Age is how long ago a time was, in whole seconds.
func (s Scene) Age(t time.Duration) string { return format.Age(s.Now - t) }
