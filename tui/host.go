package tui

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Where a fleet can run, as Choice.On and FleetChoice.Running name it.
const (
	OnKind  = "kind"
	OnLocal = "local"
)

// Host is what the screen needs of the program around it. Machine and Start are
// called from commands, beside the screen; Fleets and Drills once, before the
// first frame, so they must be quick.
type Host interface {
	// Machine says what this machine can run. It may take seconds, as it
	// asks the container engine; it ends when ctx does.
	Machine(ctx context.Context) Machine
	Fleets() []FleetChoice
	Drills() []DrillChoice
	// Start begins a drill: how the fleet comes up is told by events. It may
	// take seconds where Choice.On is "", as it asks the container engine, which
	// ends when ctx does. An error means that nothing was begun.
	Start(context.Context, Choice) (Session, error)
}

// Machine is what can be run here.
type Machine struct {
	Kind, Local Offer
}

// Offer is one way to run a fleet.
type Offer struct {
	Available bool
	// Why says, when it is not available, what is missing and what mends it.
	Why string
	// Memory is the bytes that a fleet of three regions needs, MemoryFree
	// those that are free; 0 for what is not known.
	Memory, MemoryFree int64
	// Duration is about how long a fleet takes to come up; 0 when not known.
	Duration time.Duration
	// Engine names what runs it: "docker 28.5", "child processes".
	Engine string
}

// FleetChoice is a fleet that can be chosen.
type FleetChoice struct {
	Name    string // what Choice.Fleet takes
	Summary string // one line: "3 regions, 9,000 users, 1 dataset"
	// Running is where a fleet of that name was kept ("kind"), so that a
	// start joins it; "" when none was.
	Running string
	// Err is why the file can't be used; nil when it can.
	Err error
}

// DrillChoice is a drill that can be chosen.
type DrillChoice struct {
	Name       string // what Choice.Drill takes
	Title      string
	Hypothesis string
	Fleet      string // the name of its fleet; "" for any
	Err        error
}

// Choice is what a person chose. Drill "" is a drill by hand, On "" what this
// machine runs best.
type Choice struct {
	On, Fleet, Drill string
}

// Session is a drill that runs.
type Session interface {
	// Events gives the drill's events in order, in batches. It is closed
	// when the drill is over and nothing is left to tear down.
	Events() <-chan []drill.Event
	// Send hands a command to the engine and returns at once; what comes of
	// it is told by events. An error means that the engine takes none.
	Send(drill.Command) error
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
