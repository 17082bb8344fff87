package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scribe"
)

// note writes a remark into the journal.
var note = Action{
	Verb:   runbook.VerbNote,
	Words:  Words{Name: "note", Done: "noted", Help: "write a note into the journal", Key: "n", Group: GroupProgram},
	Params: []param.Param{{Name: "text", Kind: param.KindText, Example: "what the reader should look at", Help: "one line; " + scribe.Usage, Field: func(c *runbook.Command) any { return &c.Text }}},
	Do: func(_ context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		r.Events.Emit(drill.NoteWritten{By: c.By, Text: c.Text})
		return port.Proof{}, nil
	},
	Check: func(_ *drill.State, c runbook.Command) *rule.Refusal {
		if refused := wordsFit(c.Text); refused != nil {
			return refused
		}
		if err := scribe.Check(c.Text); err != nil {
			return rule.Refuse("", "%s", err).OfText()
		}
		return nil
	},
	Harmless: true,
}
