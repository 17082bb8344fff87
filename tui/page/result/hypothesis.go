package result

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/verdict"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawHypothesis is what the drill expects, a clause at a time, each with what was measured about it
// below it; it returns the rows.
func drawHypothesis(a canvas.Area, v pane.View) (y int) {
	if v.State.Plan == nil || v.State.Plan.Hypothesis == "" || a.W <= 0 {
		return 0
	}
	a.Text(0, 0, style.Title, "expected")
	y++
	all := clauses(v.State.Plan.Hypothesis)
	beside := 0 // the column of facts that have room beside their clause
	for _, clause := range all {
		if w := canvas.Width(clause); w <= a.W/2 {
			beside = max(beside, w+3)
		}
	}
	for _, clause := range all {
		var spans []canvas.Span
		for _, f := range verdict.About(v.State, clause) {
			spans = append(spans, factSpans(f)...)
		}
		lines := canvas.Wrap(clause, a.W)
		for _, l := range lines {
			a.Text(0, y, style.Text, l)
			y++
		}
		last := canvas.Width(lines[len(lines)-1])
		switch {
		case len(spans) == 0:
		case last < beside && beside+canvas.SpansWidth(spans)+factGap*(len(spans)/2-1) <= a.W:
			drawSpans(a.Sub(beside, y-1, a.W-beside, 1), spans)
		default:
			y += drawSpans(a.Sub(2, y, a.W-2, a.H-y), spans)
		}
	}
	return y
}

// factGap is the columns between two facts.
const factGap = 3

// clauses is a text cut behind its full stops and semicolons.
func clauses(text string) (all []string) {
	for _, part := range strings.SplitAfter(strings.Join(strings.Fields(text), " "), "; ") {
		for _, clause := range strings.SplitAfter(part, ". ") {
			if clause = strings.TrimSpace(clause); clause != "" {
				all = append(all, clause)
			}
		}
	}
	return all
}

// factSpans is one measured number, against its goal where it has one; it is kept on one line.
// A number stands beside a clause without a sign of its own: whether the clause is true is for who
// reads both; the goals and whether they were met have rows of their own.
func factSpans(f verdict.Fact) []canvas.Span {
	text := f.Label + " " + f.Came
	if f.Goal != "" {
		text += ", goal " + f.Goal
	}
	return []canvas.Span{canvas.S(style.Label, "· "), canvas.S(style.Label, text)}
}

// drawSpans draws pairs of spans one after the other, a pair never broken; it returns the rows.
func drawSpans(a canvas.Area, spans []canvas.Span) (rows int) {
	x, y := 0, 0
	for i := 0; i+1 < len(spans); i += 2 {
		if x > 0 && x+canvas.SpansWidth(spans[i:i+2]) > a.W {
			x, y = 0, y+1
		}
		x = a.Line(x, y, a.W, spans[i:i+2]...) + factGap
	}
	return y + 1
}

// metSign is how a promise was kept: a sign, its style and a word.
func metSign(v pane.View, met *bool) (sign string, st style.Style, word string) {
	switch {
	case met == nil:
		return "?", style.CautBold, "unknown"
	case *met:
		return v.Theme.Glyphs.Done, style.FineBold, "met"
	}
	return v.Theme.Glyphs.Failed, style.DangerBold, "missed"
}

// yes is an answer that is known.
func yes(is bool) *bool { return &is }
