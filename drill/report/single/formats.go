package single

import (
	"io"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/report/file"
)

// Format is a kind of file that a drill's report is written as.
type Format struct {
	Name  string // as a flag has it
	File  string
	Help  string
	Write func(io.Writer, Document) error
}

// Formats is every kind of file that a drill's report is written as, the one that is read most first.
var Formats = []Format{
	{"html", "report.html", "print the report as one page that needs nothing else", HTML},
	{"markdown", "report.md", "print the report as Markdown, for a wiki, a ticket or a chat", Markdown},
	{"junit", "junit.xml", "print a JUnit test report: a test case an objective, inconclusive is skipped", JUnit},
	{"json", report.FileName, "print the report as JSON, and nothing else", JSON},
}

// Ours reports whether a file is one that Save writes.
func Ours(name string) bool {
	return slices.ContainsFunc(Formats, func(f Format) bool { return f.File == name })
}

// Save writes a report into a folder in every format.
func Save(dir string, d Document) error {
	for _, f := range Formats {
		if err := file.Write(dir, f.File, func(w io.Writer) error { return f.Write(w, d) }); err != nil {
			return err
		}
	}
	return nil
}
