package show

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Scene is a fleet as it is looked at: its state, when, in which look, and what is in focus.
type Scene struct {
	State           *drill.State
	Now             time.Duration // the engine's clock, as in the state's events
	Theme           style.Theme
	Region, Dataset string
	Motion          bool // things may move and light up
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

// Age is how long ago a time was, in whole seconds.
func (s Scene) Age(t time.Duration) string { return format.Age(s.Now - t) }
