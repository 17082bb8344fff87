package compared

import (
	"cmp"
	"io"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/report/file"
)

// Document is a comparison as all of its formats have it.
type Document struct {
	comparison.Comparison
	// Title and Question are the comparison's own; "" for one of the command line, or of journals.
	Title, Question string
	// Reports and Journals are the runs' own, in their order: nil and "" for what has none. A journal is a path from where
	// the document is.
	Reports  []*report.Report
	Journals []string
}

// Format is a kind of file that a comparison is written as.
type Format struct {
	Name  string // as a flag has it
	File  string
	Write func(io.Writer, Document) error
}

// Formats is every kind of file that a comparison is written as, the one that is read most first.
var Formats = []Format{
	{"html", "comparison.html", HTML},
	{"markdown", "comparison.md", Markdown},
	{"json", JSONFile, JSON},
}

// Find is the format that a flag names.
func Find(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// Save writes a comparison into a folder in every format.
func Save(dir string, d Document) error {
	for _, f := range Formats {
		if err := file.Write(dir, f.File, func(w io.Writer) error { return f.Write(w, d) }); err != nil {
			return err
		}
	}
	return nil
}

// heading is what a comparison is called.
func (d Document) heading() string { return cmp.Or(d.Title, "Drills side by side") }

// journal is where the journal of a run is; "" for none.
func (d Document) journal(run int) string {
	if run < len(d.Journals) {
		return d.Journals[run]
	}
	return ""
}

// differs says what the sign before a row means; "" where no row has it.
func (d Document) differs() string {
	if !slices.ContainsFunc(d.Rows, func(r comparison.Row) bool { return r.Differs }) {
		return ""
	}
	return "≠ differs by more than two runs of one fleet do by chance"
}

// linked reports whether a column's name leads to a journal.
func (d Document) linked() bool {
	return slices.ContainsFunc(d.Journals, func(path string) bool { return path != "" })
}
