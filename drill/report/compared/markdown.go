package compared

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/report/markdown"
)

// Markdown writes a comparison as GitHub's Markdown: its tables, and each picture as one.
func Markdown(w io.Writer, d Document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", markdown.Escaped(d.heading()))
	if d.Question != "" {
		b.WriteString(markdown.Paragraph(d.Question) + "\n\n")
	}
	for _, l := range slices.Concat(d.Remarks(), d.Findings) {
		fmt.Fprintf(&b, "- %s\n", markdown.Paragraph(l))
	}
	head := []string{"", ""}
	for i, r := range d.Runs {
		label := markdown.Escaped(r.Label)
		if path := d.journal(i); path != "" {
			label = fmt.Sprintf("[%s](<%s>)", label, (&url.URL{Path: path}).String())
		}
		head = append(head, label)
	}
	var rows [][]string
	for _, r := range d.Rows {
		row := []string{format.Either(r.Differs, "≠", ""), r.What}
		for _, cell := range r.Cells {
			row = append(row, cell.Text)
		}
		rows = append(rows, row)
	}
	b.WriteString("\n")
	markdown.Linked(&b, head, rows)
	if text := d.differs(); text != "" {
		b.WriteString("\n" + text + ".\n")
	}
	if d.linked() {
		b.WriteString("\nA column's name leads to its journal.\n")
	}
	for _, p := range d.Pictures() {
		markdown.Picture(&b, 2, p)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}
