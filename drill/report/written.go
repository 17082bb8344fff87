package report

import (
	"fmt"
	"io"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Written is a write of a person's own words and what became of it. Took is from when it was sent
// to the answer; ConfirmedBy is null where nobody confirmed it, and Error says why then. HeldBy is
// the regions whose replicas held it when they were asked last, Silent those that did not answer.
// Fate is as at the end, and Fates each that it had (fate.Fate lists them).
type Written struct {
	At          float64  `json:"at_s"`
	ID          string   `json:"id"`
	Dataset     string   `json:"dataset"`
	Population  string   `json:"population"`
	Text        string   `json:"text"`
	ConfirmedBy *string  `json:"confirmed_by"`
	Error       *string  `json:"error"`
	Took        *float64 `json:"took_s"`
	HeldBy      []string `json:"held_by"`
	Silent      []string `json:"silent"`
	Exported    *string  `json:"exported"`
	Fate        string   `json:"fate"`
	Fates       []FateAt `json:"fates"`

	words string // for the summary
}

// FateAt is a fate since a time.
type FateAt struct {
	At   float64 `json:"at_s"`
	Fate string  `json:"fate"`
}

func written(w *fate.Write) Written {
	out := Written{
		At: seconds(w.At), ID: w.ID, Dataset: w.Dataset, Population: w.Population, Text: w.Text, Fate: string(w.Fate()),
		HeldBy: append([]string{}, w.Trace.Holders()...), Silent: append([]string{}, w.Trace.Silent()...),
		Fates: list(w.Fates, func(c fate.Change) FateAt { return FateAt{At: seconds(c.At), Fate: string(c.Fate)} }),
		words: format.Fate(w),
	}
	if e := w.Ended; e != nil {
		out.ConfirmedBy, out.Error, out.Took = text(e.By), text(e.Error), span(e.Took)
	}
	if w.Trace != nil {
		out.Exported = text(w.Trace.Exported)
	}
	return out
}

// mostTold is how many own writes a summary has: report.json has all.
const mostTold = 12

// written is a line a write, those that the leader has not first.
func (r Report) written(w io.Writer) {
	told := slices.Clone(r.Written)
	slices.SortStableFunc(told, func(a, b Written) int { return a.rank() - b.rank() })
	for i, x := range told {
		if i == mostTold {
			fmt.Fprintf(w, "\t%d more\t\tin report.json\n", len(told)-i)
			return
		}
		fmt.Fprintf(w, "%s\t%s\tof %s\t%s\n", format.Either(i == 0, "your writes", ""), format.Quoted(x.Text, 40), x.Dataset, x.words)
	}
}

func (w Written) rank() int {
	if fate.Fate(w.Fate).Gone() {
		return 0
	}
	return 1
}
