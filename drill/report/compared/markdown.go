package compared

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Markdown writes a comparison as GitHub's Markdown: its tables, and each picture as one.
func Markdown(w io.Writer, d Document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", escaped(d.heading()))
	if d.Question != "" {
		b.WriteString(escaped(d.Question) + "\n\n")
	}
	for _, l := range slices.Concat(d.Remarks(), d.Findings) {
		fmt.Fprintf(&b, "- %s\n", escaped(l))
	}
	head := []string{"", ""}
	for i, r := range d.Runs {
		label := escaped(r.Label)
		if path := d.journal(i); path != "" {
			label = fmt.Sprintf("[%s](<%s>)", label, (&url.URL{Path: path}).String())
		}
		head = append(head, label)
	}
	b.WriteString("\n")
	mdRow(&b, head)
	mdRow(&b, rule(len(head)))
	for _, r := range d.Rows {
		row := []string{format.Either(r.Differs, "≠", ""), escaped(r.What)}
		for _, cell := range r.Cells {
			row = append(row, escaped(cell.Text))
		}
		mdRow(&b, row)
	}
	if text := d.differs(); text != "" {
		b.WriteString("\n" + text + ".\n")
	}
	if d.linked() {
		b.WriteString("\nA column's name leads to its journal.\n")
	}
	for _, p := range d.Pictures() {
		mdPicture(&b, p)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}

// mdPicture is a picture as a table: a row a time, a column a line.
func mdPicture(b *strings.Builder, p format.Picture) {
	fmt.Fprintf(b, "\n## %s\n\n", escaped(p.Title))
	for _, m := range p.Marks {
		fmt.Fprintf(b, "- %s: %s\n", since(m.At), escaped(format.CurveMark(m)))
	}
	head := []string{"from"}
	for _, l := range p.Lines {
		head = append(head, escaped(format.CurveLine(l)))
	}
	if len(p.Marks) > 0 {
		b.WriteString("\n")
	}
	mdRow(b, head)
	mdRow(b, rule(len(head)))
	step := stepOf(p)
	for at := (p.From() - step + 1).Truncate(step); at < p.Until(); at += step {
		row := []string{since(at)}
		for _, l := range p.Lines {
			row = append(row, shareText(l.Over(at, at+step)))
		}
		mdRow(b, row)
	}
}

// mostRows is how many rows the table of a picture has at most.
const mostRows = 40

// stepOf is how far apart the rows of a picture's table are: whole seconds, as few as keep it short.
func stepOf(p format.Picture) time.Duration {
	step := time.Second
	for _, l := range p.Lines {
		step = max(step, l.Width)
	}
	for span := p.Until() - p.From(); span/step > mostRows; {
		step *= 2
	}
	return step
}

func shareText(share float64, known bool) string {
	if !known {
		return format.Unknown
	}
	return format.Percent(share)
}

// since is a time since the fault as the axis of a picture has it.
func since(t time.Duration) string { return fmt.Sprintf("%.0f s", t.Seconds()) }

func mdRow(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func rule(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "---"
	}
	return all
}

// escaped is a text of which Markdown makes nothing but that text.
func escaped(s string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "<", "&lt;", "\n", " ").Replace(s)
}
