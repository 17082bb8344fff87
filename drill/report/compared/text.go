package compared

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Text writes a comparison for a person at a terminal.
func Text(w io.Writer, d Document) error {
	c := d.Comparison
	var out strings.Builder
	for _, text := range []string{d.Title, d.Question} {
		if text != "" {
			out.WriteString(text + "\n")
		}
	}
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	line := func(mark, what string, cells []string) {
		fmt.Fprintf(table, "%s\t%s\t%s\n", mark, what, strings.Join(cells, "\t"))
	}
	var labels []string
	for _, r := range c.Runs {
		labels = append(labels, r.Label)
	}
	line(" ", "", labels)
	for _, r := range c.Rows {
		var cells []string
		for _, cell := range r.Cells {
			cells = append(cells, cell.Text)
		}
		line(format.Either(r.Differs, "≠", " "), r.What, cells)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	if text := d.differs(); text != "" {
		out.WriteString(text + "\n")
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
