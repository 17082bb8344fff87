// Package history keeps what every client asked and was told, in the form that Jepsen's
// checkers read: one map of EDN a line. It says nothing of who is right; a checker does.
//
// Each write goes to a key of its own and gives it its only value, so a dataset is a set of
// registers that are written once. Linearizability is local: the dataset is linearizable
// when each of its keys is (Herlihy and Wing, 1990).
package history

import "time"

// Type is what an operation's line says: that it begins, or how it ended.
type Type string

// The types, by Jepsen's names.
const (
	Invoke Type = "invoke"
	OK     Type = "ok"   // it took effect
	Fail   Type = "fail" // it certainly took no effect
	// Info is an end that says nothing: it may have taken effect, or may yet.
	Info Type = "info"
)

// F is what an operation does.
type F string

// What clients do.
const (
	// Write gives Key the value Value.
	Write F = "write"
	// Read asks for Key's value by way of the authority. It claims to be linearizable.
	Read F = "read"
	// LocalRead asks a region's own replica, as users do. It may be behind and claims no
	// more than that what it has seen stays.
	LocalRead F = "local-read"
)

// Nemesis is the process of an operation that is no client's, as Jepsen's faults are. A
// Recorder writes none.
const Nemesis = -1

// Op is one line of a history.
type Op struct {
	Index   int           // counts the lines from 0
	Time    time.Duration // since the drill began; never less than the line's before
	Process int           // one client at a time; after an Info end it is never seen again
	Type    Type
	F       F
	Key     string // a write's id, which no other write has
	// Value stands for the bytes that were written or found (Digest); Nil where a read
	// has not been answered, or found nothing.
	Value   Value
	Dataset string
	// Population is whose request it is; "" is fleetdrill's own.
	Population string
	Region     string // that was asked
	// Node is where it took effect: the authority that acknowledged a write, the region
	// whose replica answered a read. "" unless the type is OK.
	Node     string
	Epoch    uint64 // of the write that was acknowledged or found; 0 is unknown
	Position uint64 // of that write in its dataset, by its engine's count; 0 is unknown
	Error    string // why it did not end well
}

// Value is a register's value: a string, or nil.
type Value struct {
	Known bool
	Text  string
}

// Nil is the value of a key that was never written.
var Nil Value

// Is is the value text.
func Is(text string) Value { return Value{Known: true, Text: text} }

func (v Value) String() string {
	if !v.Known {
		return "nil"
	}
	return v.Text
}
