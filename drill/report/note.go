package report

import (
	"fmt"
	"io"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/people"
	"github.com/fleetdrill/fleetdrill/drill/scribe"
)

// Note is what a person or the drill file wrote down, as it was written. How it begins says what it is: "note", "decision",
// "surprise", "action" (with Owner and Severity, null where not said), or a mark: "detected", "decided", "mitigated".
type Note struct {
	At       float64 `json:"at_s"`
	By       string  `json:"by"`
	Text     string  `json:"text"`
	Kind     string  `json:"kind"`
	Owner    *string `json:"owner"`
	Severity *string `json:"severity"`
	// After is, of a mark, from when the newest fault could first affect a user to the mark; Machine to where the machine came to
	// the same: its failover was detected or decided, users were served as before.
	After   *float64 `json:"after_s"`
	Machine *float64 `json:"machine_s"`

	entry scribe.Entry
}

func note(s *drill.State, n drill.Note) Note {
	e := scribe.Read(n.Text)
	out := Note{At: seconds(n.T), By: n.By, Text: n.Text, Kind: string(e.Kind), Owner: text(e.Owner), Severity: text(e.Severity), entry: e}
	if m, is := people.Of(s, n); is {
		if m.After.Known {
			out.After = span(m.After.D)
		}
		if m.Machine.Known {
			out.Machine = span(m.Machine.D)
		}
	}
	return out
}

// people is what they marked beside the machine, then decisions, surprises and action items; remarks are on the timeline.
func (r Report) people(w io.Writer) {
	for _, n := range r.Notes {
		if !n.entry.IsMark() {
			continue
		}
		since, machine := "no fault had taken effect", "the machine: "+in(n.Machine)
		if n.After != nil {
			since = in(n.After) + " after the fault began"
		} else {
			machine = ""
		}
		fmt.Fprintf(w, "%s by %s\t%s\t%s\t%s\n", n.Kind, n.By, since, machine, n.entry.Text)
	}
	for _, kind := range []scribe.Kind{scribe.Decision, scribe.Surprise} {
		for _, n := range r.Notes {
			if n.entry.Kind == kind {
				fmt.Fprintf(w, "%s by %s\t\t\t%s\n", kind, n.By, n.entry.Text)
			}
		}
	}
	for _, n := range r.Notes {
		if n.entry.Kind == scribe.Action {
			fmt.Fprintf(w, "action item by %s\towner %s\tseverity %s\t%s\n", n.By, or(n.Owner), or(n.Severity), n.entry.Text)
		}
	}
}

func or(said *string) string {
	if said == nil {
		return format.Unknown
	}
	return *said
}
