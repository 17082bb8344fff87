package past

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/report/compared"
)

// Compared is a journal of a comparison.
type Compared struct {
	Label   string
	Journal journal.Loaded
	Path    string // where that is; "" where it is not known
	// Err is why there is no journal, or nothing in it; nil where there is.
	Err error
}

// About is what a comparison is called, and what it answers; "" where it says neither.
type About struct{ Title, Question string }

// Compare holds journals side by side: in every format in dir where that is not "", and to out in the
// format of that name, or with "" a table.
func Compare(about About, all []Compared, dir, format string, out io.Writer) error {
	var runs []comparison.Run
	var reports []*report.Report
	var journals []string
	for _, c := range all {
		run, own := comparison.Run{Label: c.Label}, (*report.Report)(nil)
		err := c.Err
		if err == nil {
			var r report.Report
			if r, err = reportFrom(c.Journal); err == nil {
				run.State, own = StateOf(c.Journal), &r
			}
		}
		if err != nil {
			run.Why = err.Error()
		}
		runs, reports, journals = append(runs, run), append(reports, own), append(journals, beside(dir, c.Path))
	}
	d := compared.Document{Comparison: comparison.Of(runs...), Title: about.Title, Question: about.Question, Reports: reports, Journals: journals}
	if dir != "" {
		if err := compared.Save(dir, d); err != nil {
			return err
		}
	}
	if f, known := compared.Find(format); known {
		return f.Write(out, d)
	}
	return compared.Text(out, d)
}

// compareJournals holds journals side by side by their names; two are before and now.
func compareJournals(names []string, all []journal.Loaded, dir, format string, out io.Writer) error {
	var runs []Compared
	for i, l := range all {
		label := strings.TrimSuffix(filepath.Base(names[i]), ".jsonl")
		if len(all) == 2 {
			label = []string{"before", "now"}[i]
		}
		runs = append(runs, Compared{Label: label, Journal: l, Path: names[i]})
	}
	return Compare(About{}, runs, dir, format, out)
}

// beside is a file as what stands in a folder names it: a path from there where that is shorter than the whole one.
func beside(dir, path string) string {
	if path == "" || path == "-" {
		return ""
	}
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if folder, err := filepath.Abs(dir); err == nil && dir != "" {
		if from, err := filepath.Rel(folder, whole); err == nil && !strings.HasPrefix(from, "..") {
			return filepath.ToSlash(from)
		}
	}
	return filepath.ToSlash(whole)
}
