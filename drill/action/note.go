package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
)

// note writes a remark into the journal.
var note = Action{
	Verb: drill.VerbNote,
	Words: Words{Name: "note", Done: "noted", Help: "write a note into the journal",
		Key: "n", Group: GroupProgram},
	Params: []Param{{Name: "text", Kind: KindText, Example: "what the reader should look at", Help: "the note",
		field: func(c *drill.Command) any { return &c.Text }}},
	Do: func(_ context.Context, r Rig, c drill.Command) (Proof, error) {
		r.Events.Emit(drill.NoteWritten{By: c.By, Text: c.Text})
		return Proof{}, nil
	},
	Check:    func(*drill.State, drill.Command) *Refusal { return nil },
	Harmless: true,
}
