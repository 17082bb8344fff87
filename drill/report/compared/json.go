// Package compared writes a comparison of drills: a file a format, and one list of them.
package compared

import (
	"io"

	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/report/file"
)

// JSONFile is the name of a comparison for programs in its folder.
const JSONFile = "comparison.json"

// Comparison is comparison.json: runs of a drill side by side.
type Comparison struct {
	Runs []ComparedRun `json:"runs"`
	Rows []ComparedRow `json:"rows"`
	// Findings is what came out, in sentences made of the rows; Remarks what has to be known before:
	// which runs are missing or were not judged, and why.
	Findings []string `json:"findings"`
	Remarks  []string `json:"remarks"`
}

// ComparedRun is a run: what it is called, and its own report, null where it has none.
type ComparedRun struct {
	Label  string         `json:"label"`
	Report *report.Report `json:"report"`
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

// Of is the report of a comparison, with the runs' own in the same order.
func Of(c comparison.Comparison, reports []*report.Report) Comparison {
	out := Comparison{Runs: []ComparedRun{}, Rows: []ComparedRow{}, Findings: append([]string{}, c.Findings...), Remarks: append([]string{}, c.Remarks()...)}
	for i, r := range c.Runs {
		out.Runs = append(out.Runs, ComparedRun{Label: r.Label, Report: reports[i]})
	}
	for _, r := range c.Rows {
		row := ComparedRow{Key: r.Key, Of: orNull(r.Of), Unit: string(r.Unit), Differs: r.Differs}
		for _, cell := range r.Cells {
			row.Cells = append(row.Cells, ComparedCell(cell))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// Encode writes the comparison as JSON, as a report is.
func (c Comparison) Encode(w io.Writer) error { return file.JSON(w, c) }

// WriteJSON writes comparison.json into a folder, as a report is.
func (c Comparison) WriteJSON(dir string) error { return file.Write(dir, JSONFile, c.Encode) }

func orNull(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}
