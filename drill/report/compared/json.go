// Package compared writes a comparison of drills: a file a format, and one list of them.
package compared

import (
	"io"

	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/report/file"
)

// JSONFile is the name of a comparison for programs in its folder.
const JSONFile = "comparison.json"

// Comparison is comparison.json: runs of a drill side by side.
type Comparison struct {
	Title    *string       `json:"title"`    // the comparison's own; null for one of the command line, or of journals
	Question *string       `json:"question"` // what it answers
	Runs     []ComparedRun `json:"runs"`
	Rows     []ComparedRow `json:"rows"`
	// Findings is what came out, in sentences made of the rows; Remarks what has to be known before:
	// which runs are missing or were not judged, and why.
	Findings []string `json:"findings"`
	Remarks  []string `json:"remarks"`
	// Curves is the runs' requests on one axis, a line a run; the curves of each run are in its report.
	Curves []report.Curve `json:"curves"`
}

// ComparedRun is a run: what it is called, its own report and where its journal is, null where it has none.
type ComparedRun struct {
	Label   string         `json:"label"`
	Journal *string        `json:"journal"`
	Report  *report.Report `json:"report"`
}

// ComparedRow is one number of all runs. Unit is "s", "latency_s", "share", "count", "pieces", "bytes", "USD", or
// "word" or "moment", which have no value. Differs says that runs differ by more than two of one fleet do by chance.
type ComparedRow struct {
	Key     string         `json:"key"`
	Of      *string        `json:"of"` // the dataset or population; null is all together
	Unit    string         `json:"unit"`
	Differs bool           `json:"differs"`
	Cells   []ComparedCell `json:"cells"`
}

// ComparedCell is the number of one run; Value is null where it was not measured.
type ComparedCell struct {
	Text    string   `json:"text"`
	Value   *float64 `json:"value"`
	AtLeast bool     `json:"at_least"`
}

// Of is a comparison as JSON has it.
func Of(d Document) Comparison {
	c := d.Comparison
	out := Comparison{Title: orNull(d.Title), Question: orNull(d.Question), Runs: []ComparedRun{}, Curves: []report.Curve{}, Rows: []ComparedRow{}, Findings: append([]string{}, c.Findings...), Remarks: append([]string{}, c.Remarks()...)}
	for i, r := range c.Runs {
		out.Runs = append(out.Runs, ComparedRun{Label: r.Label, Journal: orNull(d.journal(i)), Report: d.Reports[i]})
	}
	for _, r := range c.Rows {
		row := ComparedRow{Key: r.Key, Of: orNull(r.Of), Unit: string(r.Unit), Differs: r.Differs}
		for _, cell := range r.Cells {
			row.Cells = append(row.Cells, ComparedCell(cell))
		}
		out.Rows = append(out.Rows, row)
	}
	if p, ok := d.Together(); ok {
		out.Curves = append(out.Curves, report.CurveOf(p))
	}
	return out
}

// JSON writes a comparison for programs, as a report is.
func JSON(w io.Writer, d Document) error { return file.JSON(w, Of(d)) }

func orNull(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}
