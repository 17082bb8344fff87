package tui

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/page"
)

// What a host offers, and what a person chose of it.
type (
	Machine     = page.Machine
	Offer       = page.Offer
	FleetChoice = page.FleetChoice
	DrillChoice = page.DrillChoice
	Choice      = page.Choice
)

// Host is what the screen needs of the program around it. Machine and Start are
// called from commands, beside the screen; the others once, before the first
// frame, so they must be quick.
type Host interface {
	// Platforms is the names of what a fleet can run on, best first.
	Platforms() []string
	// Machine says what this machine can run: an offer for each platform. It may
	// take seconds, as it asks the container engine; it ends when ctx does.
	Machine(ctx context.Context) Machine
	Fleets() []FleetChoice
	Drills() []DrillChoice
	// Start begins a drill; how the fleet comes up follows from events. It may
	// take seconds where Choice.On is "", as it asks the container engine, which
	// ends when ctx does. An error means that nothing was begun.
	Start(context.Context, Choice) (Session, error)
}

// Session is a drill that runs.
type Session interface {
	// Events gives the drill's events in order, in batches. It is closed
	// when the drill is over and nothing is left to tear down.
	Events() <-chan []drill.Event
	// Send hands a command to the engine and returns at once; what comes of
	// it follows from events. An error means that the engine takes none.
	Send(runbook.Command) error
	// Quit begins to end the drill and returns at once; Events is closed
	// when that is done. It may be called more than once.
	Quit(keepFleet bool)
	// CanKeep reports whether the fleet can outlive the program.
	CanKeep() bool
	// Found reports whether the fleet was there before: then it is left there at
	// the end of the drill, unless Quit says otherwise.
	Found() bool
	// JournalPath is where the events are written; "" for nowhere.
	JournalPath() string
}
