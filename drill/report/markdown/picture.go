package markdown

import (
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Picture writes a picture as a table below a heading of that level: a row a time, a column a line.
func Picture(b *strings.Builder, level int, p format.Picture) {
	b.WriteString("\n" + strings.Repeat("#", level) + " " + Escaped(p.Title) + "\n\n")
	for _, m := range p.Marks {
		b.WriteString("- " + Since(m.At) + ": " + Escaped(format.CurveMark(m)) + "\n")
	}
	head := []string{"from"}
	for _, l := range p.Lines {
		head = append(head, format.CurveLine(l))
	}
	if len(p.Marks) > 0 {
		b.WriteString("\n")
	}
	var rows [][]string
	step := StepOf(p)
	for at := (p.From() - step + 1).Truncate(step); at < p.Until(); at += step {
		cells := []string{Since(at)}
		for _, l := range p.Lines {
			cells = append(cells, shareText(l.Over(at, at+step)))
		}
		rows = append(rows, cells)
	}
	Table(b, head, rows)
}

// mostRows is how many rows the table of a picture has at most.
const mostRows = 40

// StepOf is how far apart the rows of a picture's table are.
func StepOf(p format.Picture) time.Duration {
	var width time.Duration
	for _, l := range p.Lines {
		width = max(width, l.Width)
	}
	return Step(width, p.Until()-p.From())
}

// Step is how far apart the rows of a table over a span are, of what was measured over a width each: whole seconds, as few
// as keep it short.
func Step(width, span time.Duration) time.Duration {
	step := max(time.Second, width)
	for span/step > mostRows {
		step *= 2
	}
	return step
}

// Since is a time on the axis of a picture: whole seconds since what it counts from.
func Since(t time.Duration) string { return fmt.Sprintf("%.0f s", t.Seconds()) }

func shareText(share float64, known bool) string {
	if !known {
		return format.Unknown
	}
	return format.Percent(share)
}
