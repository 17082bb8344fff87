package tui

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/page/start"
)

// What a host offers, and what a person chose of it.
type (
	Machine     = start.Machine
	Offer       = start.Offer
	FleetChoice = start.FleetChoice
	Missing     = start.Missing
	DrillChoice = start.DrillChoice
	// JournalChoice is a journal of the list that Host.Journals gives.
	JournalChoice = start.JournalChoice
	// Catalog is the fleets and drills that Host.Catalog gives.
	Catalog = start.Catalog
	Choice  = start.Choice
)

// Host is what the screen needs of the program around it. Platforms and Questions are asked before the first
// frame and read nothing; all others are called from commands, beside the screen, and may read files.
type Host interface {
	// Platforms is the names of what a fleet can run on, best first.
	Platforms() []string
	// Questions is the order in which drills are listed by what they answer.
	Questions() []string
	// Machine says what this machine can run: an offer for each platform. It may
	// take seconds, as it asks the container engine; it ends when ctx does.
	Machine(ctx context.Context) Machine
	// Catalog is the fleets and drills that there are.
	Catalog() Catalog
	// Fits says why a drill can't run on another fleet than its own, both by name; nil where it
	// can.
	Fits(drill, fleet string) error
	// Journals is the newest journals, newest first, as many as a person looks through, and how many there are in all.
	Journals() (newest []JournalChoice, all int)
	// Load reads a journal to play it back; "" is the one that ships. Of a journal that is
	// being written it reads what is there.
	Load(path string) (Recording, error)
	// Earlier reads the journal of the last run of the same drill before that of a path. An
	// error says that there is none, or why it can't be read.
	Earlier(path string) (Recording, error)
	// SaveReport writes the report of a journal beside it, and says where.
	SaveReport(path string) (string, error)
	// Comparison is the comparison of a name, its files checked.
	Comparison(name string) (Comparison, error)
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

// Comparison is a drill on several fleets, one after the other.
type Comparison struct {
	Name, Title, Question string // "" for one of the command line
	Drill                 string // what Choice.Drill takes
	// Fleets is what Choice.Fleet takes, and Labels the fleets' own names, in the same order.
	Fleets, Labels []string
}

// Recording is a journal that was read.
type Recording struct {
	Path   string // "" for the one that ships
	Events []drill.Event
	// Remarks is what a person has to know of how it was read: see journal.Loaded.
	Remarks []string
}
