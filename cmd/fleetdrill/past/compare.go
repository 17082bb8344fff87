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
	// Err is why there is no journal, or nothing in it; nil where there is.
	Err error
}

// Compare holds journals side by side: comparison.json in dir where that is not "", and to out a table,
// or JSON.
func Compare(all []Compared, dir string, asJSON bool, out io.Writer) error {
	var runs []comparison.Run
	var reports []*report.Report
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
		runs, reports = append(runs, run), append(reports, own)
	}
	held := comparison.Of(runs...)
	r := compared.Of(held, reports)
	if dir != "" {
		if err := r.WriteJSON(dir); err != nil {
			return err
		}
	}
	if asJSON {
		return r.Encode(out)
	}
	return compared.Text(out, held)
}

// compareJournals holds journals side by side by their names; two are before and now.
func compareJournals(names []string, all []journal.Loaded, dir string, asJSON bool, out io.Writer) error {
	var runs []Compared
	for i, l := range all {
		label := strings.TrimSuffix(filepath.Base(names[i]), ".jsonl")
		if len(all) == 2 {
			label = []string{"before", "now"}[i]
		}
		runs = append(runs, Compared{Label: label, Journal: l})
	}
	return Compare(runs, dir, asJSON, out)
}
