package single

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
	"github.com/fleetdrill/fleetdrill/drill/report/markdown"
)

// Markdown writes a report as GitHub's Markdown: what is a chart elsewhere is a table here.
func Markdown(w io.Writer, d Document) error {
	var b strings.Builder
	h := d.Heading()
	fmt.Fprintf(&b, "# %s\n\n**%s**, %s on %s, %s\n", markdown.Escaped(h.Name), markdown.Escaped(h.Outcome), markdown.Escaped(d.Fleet), markdown.Escaped(d.On), format.Span(format.Seconds(d.Duration)))
	for _, text := range []string{h.Title, h.Hypothesis, h.People} {
		if text != "" {
			b.WriteString("\n" + markdown.Paragraph(text) + "\n")
		}
	}
	if all := h.Told(d.Remarks); len(all) > 0 {
		b.WriteString("\n")
		for _, l := range all {
			fmt.Fprintf(&b, "- %s\n", markdown.Escaped(l))
		}
	}
	for _, s := range d.Sections() {
		mdSection(&b, d, s)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func mdSection(b *strings.Builder, d Document, s Section) {
	fmt.Fprintf(b, "\n## %s\n", markdown.Escaped(s.Title))
	for _, text := range s.Text {
		b.WriteString("\n" + markdown.Paragraph(text) + "\n")
	}
	if len(s.Items) > 0 {
		b.WriteString("\n")
	}
	for _, item := range s.Items {
		fmt.Fprintf(b, "- %s\n", markdown.Paragraph(item))
	}
	for _, t := range s.Tables {
		b.WriteString("\n")
		markdown.Table(b, t.Head, t.Rows)
	}
	for _, bars := range s.Bars {
		fmt.Fprintf(b, "\n### %s\n\n", markdown.Escaped(bars.Title))
		var rows [][]string
		for _, bar := range bars.All {
			rows = append(rows, []string{bar.Name, format.Exact(bar.From), format.Exact(bar.Took)})
		}
		markdown.Table(b, []string{"stage", "from", "took"}, rows)
	}
	if len(s.Loads) > 0 {
		mdLoads(b, d, s)
	}
	for _, p := range s.Pictures {
		markdown.Picture(b, 3, p)
	}
	if s.Code != "" {
		b.WriteString("\n")
		markdown.Code(b, s.Code)
	}
}

// mdLoads is requests over time: a row a time, a column a population.
func mdLoads(b *strings.Builder, d Document, s Section) {
	fmt.Fprintf(b, "\n### Requests a second: answered, failed\n\n%s\n", origin(d.State))
	from, until := extent(s.Loads)
	head, width := []string{"from"}, time.Duration(0)
	for _, l := range s.Loads {
		width = max(width, l.Width)
		head = append(head, l.Population)
	}
	head = append(head, "what was done")
	var rows [][]string
	zero, step := format.Origin(d.State), markdown.Step(width, until-from)
	// A row begins where times count from, so that what a fault did is not in one with what was before it.
	for at := zero - (zero - from + step - 1).Truncate(step); at < until; at += step {
		cells := []string{format.Clock(at - zero)}
		for _, l := range s.Loads {
			cells = append(cells, rateText(l.Over(at, at+step)))
		}
		var done []string
		for _, m := range s.Marks {
			if m.At >= at && m.At < at+step {
				done = append(done, format.CurveMark(m))
			}
		}
		rows = append(rows, append(cells, strings.Join(done, ", ")))
	}
	b.WriteString("\n")
	markdown.Table(b, head, rows)
}

func rateText(r curve.Rate) string {
	if !r.Known {
		return format.Unknown
	}
	return fmt.Sprintf("%.1f, %.1f", r.OK, r.Failed)
}
