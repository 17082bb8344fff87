package rule

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Refusal says why something may not be done now, and what to do instead.
type Refusal struct {
	Why  string
	Next string // "" where there is nothing to do instead
	// Command is the id of the command that stands in the way, Verb the one that the reader
	// is sent to; 0 and "" where none is.
	Command int
	Verb    runbook.Verb
	// Shows marks a rule that a drill may want to show: a file check says how.
	Shows bool
	// Typed marks what is wrong with a text that was typed, not with what was chosen.
	Typed bool
}

// Error is the reason and what to do instead: "us-east is killed; restore it first".
func (r *Refusal) Error() string {
	if r.Next == "" {
		return r.Why
	}
	return r.Why + "; " + r.Next
}

// Refuse makes a refusal: what to do instead, and why.
func Refuse(next, format string, args ...any) *Refusal {
	return &Refusal{Why: fmt.Sprintf(format, args...), Next: next}
}

// By adds the verb that the reader is sent to.
func (r *Refusal) By(v runbook.Verb) *Refusal { r.Verb = v; return r }

// Since adds the command that stands in the way.
func (r *Refusal) Since(id int) *Refusal { r.Command = id; return r }

// OfText says that the text that was typed is wrong.
func (r *Refusal) OfText() *Refusal { r.Typed = true; return r }
