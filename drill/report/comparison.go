package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/fleetdrill/fleetdrill/drill/comparison"
)

// ComparisonFile is the name of a comparison in its folder.
const ComparisonFile = "comparison.json"

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
	Label  string  `json:"label"`
	Report *Report `json:"report"`
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

// NewComparison is the report of a comparison, with the runs' own in the same order.
func NewComparison(c comparison.Comparison, reports []*Report) Comparison {
	out := Comparison{Runs: []ComparedRun{}, Rows: []ComparedRow{}, Findings: append([]string{}, c.Findings...), Remarks: append([]string{}, c.Remarks()...)}
	for i, r := range c.Runs {
		out.Runs = append(out.Runs, ComparedRun{Label: r.Label, Report: reports[i]})
	}
	for _, r := range c.Rows {
		row := ComparedRow{Key: r.Key, Of: text(r.Of), Unit: string(r.Unit), Differs: r.Differs}
		for _, cell := range r.Cells {
			row.Cells = append(row.Cells, ComparedCell(cell))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// Encode writes the comparison as JSON, as a report is.
func (c Comparison) Encode(w io.Writer) error { return encode(w, c) }

// WriteJSON writes comparison.json into a folder, as a report is.
func (c Comparison) WriteJSON(dir string) error { return write(dir, ComparisonFile, c.Encode) }

// Table writes a comparison for a person at a terminal.
func Table(w io.Writer, c comparison.Comparison) error {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	line := func(mark, what string, cells []string) {
		fmt.Fprintf(table, "%s\t%s\t%s\n", mark, what, strings.Join(cells, "\t"))
	}
	var labels []string
	for _, r := range c.Runs {
		labels = append(labels, r.Label)
	}
	line(" ", "", labels)
	differs := false
	for _, r := range c.Rows {
		var cells []string
		for _, cell := range r.Cells {
			cells = append(cells, cell.Text)
		}
		mark := " "
		if r.Differs {
			mark, differs = "≠", true
		}
		line(mark, r.What, cells)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	if differs {
		out.WriteString("≠ differs by more than two runs of one fleet do by chance\n")
	}
	for _, text := range [][]string{c.Remarks(), c.Findings} {
		for i, l := range text {
			if i == 0 {
				out.WriteString("\n")
			}
			out.WriteString(l + "\n")
		}
	}
	for l := range strings.Lines(out.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(l, " \n")); err != nil {
			return fmt.Errorf("write the comparison: %w", err)
		}
	}
	return nil
}
