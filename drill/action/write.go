package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// VerbWrite writes a row of a person's own words.
const VerbWrite runbook.Verb = "write"

// MostWords bounds a person's own words, in characters: two lines of a wide screen.
const MostWords = 200

// write sends a row of a person's own words as a user's write, which nothing treats in
// another way than any other. What becomes of it is followed by its id.
var write = Action{
	Verb: VerbWrite,
	Words: Words{Name: "write", Done: "written", Help: "write a row of your own words, as a user",
		Key: "w", Group: GroupData},
	Params: []param.Param{param.Dataset,
		{Name: "as", Kind: param.KindPopulation, Example: "europe", Help: "whose user writes it", Field: func(c *runbook.Command) any { return &c.Population }},
		{Name: "text", Kind: param.KindText, Example: "hello from me", Help: "your own words", Field: func(c *runbook.Command) any { return &c.Text }}},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		p := s.Population(c.Population)
		if sets := s.Fleet.DatasetsOf(p.Spec); !slices.Contains(sets, c.Dataset) {
			return rule.Refuse("write as another population, or to "+strings.Join(sets, " or "), "%s does not use %s", c.Population, c.Dataset)
		}
		return wordsFit(c.Text)
	},
	Do:       writeWords,
	Harmless: true,
}

// wordsFit refuses a text that is too long, or that no line shows as it is.
func wordsFit(text string) *rule.Refusal {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		return rule.Refuse("write it in UTF-8", "the text is not UTF-8").OfText()
	case n > MostWords:
		return rule.Refuse(fmt.Sprintf("write at most %d", MostWords), "the text has %d characters", n).OfText()
	case clean.Text(text) != text:
		return rule.Refuse("write one line", "the text has characters that a terminal obeys and does not show").OfText()
	case strings.TrimSpace(text) == "":
		return rule.Refuse("write some words", "the text is empty").OfText()
	}
	return nil
}

// WordsFit refuses a text that can be nobody's own words, before it is sent as JSON, which has no bytes that
// are no text.
func WordsFit(text string) error {
	if r := wordsFit(text); r != nil {
		return r
	}
	return nil
}

// writeWords writes. That nobody confirms it is an outcome, as it is for any user: the
// command has done what it is for.
func writeWords(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	ended := drill.WriteEnded{Dataset: c.Dataset}
	out, err := r.Writer.Write(ctx, c.Population, c.Dataset, []byte(c.Text), func(id, region string) {
		ended.ID = id
		r.Events.Emit(drill.WriteSent{Command: r.ID, ID: id, Dataset: c.Dataset, Population: c.Population, Region: region, Text: c.Text})
	})
	if err != nil {
		return port.Proof{}, fail(err, "write it again")
	}
	ended.Took, ended.By, ended.Epoch, ended.Index, ended.Error = out.Took, out.By, out.Epoch, out.Index, out.Error
	r.Events.Emit(ended)
	return port.Proof{Text: format.Ended(fate.Ended(ended))}, nil
}
