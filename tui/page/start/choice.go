package start

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Machine is what can be run here, best first.
type Machine struct{ Offers []Offer }

// Offer is one platform that a fleet can run on.
type Offer struct {
	Name      string // what Choice.On takes
	What      string // what regions are on it, in a few words
	Available bool
	// Why says, when it is not available, what is missing.
	Why string
	// Joins says that a fleet which runs there already is joined, and left running.
	Joins bool
	// Memory is the bytes that a fleet of three regions needs, MemoryFree
	// those that are free; 0 for what is not known.
	Memory, MemoryFree int64
	// Duration is about how long a fleet takes to come up; 0 when not known.
	Duration time.Duration
	// Engine names what runs it, "docker 28.5"; "" where nothing else does.
	Engine string
	// Missing is what is not as such a fleet needs it, warnings among it, in doctor's words.
	// A machine is at ease with a platform of which nothing is missing.
	Missing []Missing
}

// Missing is one thing that is missing.
type Missing struct {
	Name string // "memory"
	What string // "memory: 1.2 GiB free, about 1.9 GiB needed"
	Fix  string // how to fix it; "" where nothing can be done
}

// atEase reports whether a fleet can run there comfortably.
func (o Offer) atEase() bool { return o.Available && len(o.Missing) == 0 }

// FleetChoice is a fleet that can be chosen.
type FleetChoice struct {
	Name    string // what Choice.Fleet takes
	Summary string // one line: "3 regions, 9,000 users, 1 dataset"
	// Parts is a line for each region and each dataset.
	Parts []string
	// Running is the platform on which a fleet of that name was kept, so that a
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
	Question   string        // what it answers; "" where its file says nothing
	Teaches    string        // what is learned from it; "" where its file says nothing
	Steps      []string      // what is done, a line each
	Duration   time.Duration // about how long it takes on a local fleet that is up; 0 when not known
	Fleet      string        // the name of its fleet; "" for any
	First      bool          // it is what a person begins with who has never drilled
	// Compares is the fleets that it runs on one after the other; nil for what is no comparison.
	Compares []string
	Err      error
}

// JournalChoice is a journal that can be played back.
type JournalChoice struct {
	Path  string    // what Host.Load takes; "" is the one that ships
	When  time.Time // when the drill began, in the time zone that it is shown in
	Drill string    // the plan's name; "" for a free drill
	Fleet string
	// Verdict is how the drill ended; "" for one that was not judged.
	Verdict drill.Verdict
	Why     string // it was judged so
}

// outcome is a verdict as people read it, and why.
func (j JournalChoice) outcome() (word, why string) {
	return format.OutcomeOf(j.Drill == "", j.Verdict, j.Why)
}

// Choice is what a person chose. Drill "" is a free drill, On "" what this
// machine runs best. Compare says that Drill names a comparison, which has fleets of its own.
type Choice struct {
	On, Fleet, Drill string
	Compare          bool
}

// Catalog is the fleets and drills that there are.
type Catalog struct {
	Fleets []FleetChoice
	Drills []DrillChoice
}

// Offered is what the page knows before anything was read.
type Offered struct {
	Platforms []string // by name, best first
	// Questions is the order in which drills are listed by what they answer; others follow.
	Questions []string
	// First is what is chosen at first; what it leaves open the page chooses.
	First Choice
}

// Pair is a drill and another fleet than its own, both by name.
type Pair struct{ Drill, Fleet string }
