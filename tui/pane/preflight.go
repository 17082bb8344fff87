package pane

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

func preflightTitle(v View) (title, note string) {
	return "Preflight", format.Either(v.State.Fleet.Failover.Refuses(), "if the leader were lost now · the gate refuses who is not ready", "if the leader were lost now")
}

// readyRow is one row of it: what stands left, from a column on, and a text that is wrapped behind it.
type readyRow struct {
	x     int
	spans []canvas.Span
	st    style.Style
	text  string
}

// drawPreflight draws how ready each region is to lead each dataset: of one that is, what was found in a few words, of another
// each check that says otherwise, and what to do.
func drawPreflight(a canvas.Area, v View) {
	var rows []readyRow
	for _, d := range v.State.Datasets {
		targets := readiness.Of(v.State, d)
		led := "led by nobody now"
		if d.Authority != "" {
			led = "was led by " + d.Authority
		}
		for _, t := range targets {
			if t.Leads {
				led = "led by " + t.Region
			}
		}
		rows = append(rows, readyRow{spans: []canvas.Span{canvas.S(style.Title, d.Name), canvas.S(style.Label, ", "+led)}})
		for _, t := range targets {
			rows = append(rows, readyRows(v, t)...)
		}
	}
	drawReady(a, v, rows)
}

func readyRows(v View, t preflight.Target) (rows []readyRow) {
	st, sign := readySign(v, t.Status())
	head := []canvas.Span{canvas.S(st, sign+" "), canvas.S(style.Text, t.Region+" "), canvas.S(st, string(t.Status())+format.Either(t.Leads, ", leads", ""))}
	against := t.Against()
	if len(against) == 0 {
		var found []string
		for _, f := range t.Findings {
			if f.Check != "residency" && f.Check != "region" {
				found = append(found, f.Why)
			}
		}
		return []readyRow{{x: 2, spans: append(head, canvas.S(style.Label, "  ")), st: style.Label, text: strings.Join(found, " · ")}}
	}
	rows = append(rows, readyRow{x: 2, spans: head})
	for _, f := range against {
		st, _ := readySign(v, f.Status)
		text := f.Why
		if f.Next != "" {
			text += "; " + f.Next
		}
		rows = append(rows, readyRow{x: 4, spans: []canvas.Span{canvas.S(style.Label, fmt.Sprintf("%-10s", f.Check))}, st: st, text: text})
	}
	return rows
}

func readySign(v View, s preflight.Status) (style.Style, string) {
	switch s {
	case preflight.Ready:
		return style.Fine, v.Theme.Glyphs.Done
	case preflight.Unknown:
		return style.Caution, "?"
	case preflight.Barred:
		return style.Label, "-"
	}
	return style.Danger, v.Theme.Glyphs.Failed
}

// drawReady draws rows from a line on, each text wrapped behind what stands left of it.
func drawReady(a canvas.Area, v View, rows []readyRow) {
	var lines []readyRow
	for _, r := range rows {
		at := r.x + canvas.SpansWidth(r.spans)
		if r.text == "" {
			lines = append(lines, r)
			continue
		}
		for i, text := range canvas.Wrap(r.text, max(a.W-at, 1)) {
			line := readyRow{x: at, spans: []canvas.Span{canvas.S(r.st, text)}}
			if i == 0 {
				line.x, line.spans = r.x, append(append([]canvas.Span{}, r.spans...), line.spans...)
			}
			lines = append(lines, line)
		}
	}
	lines = lines[max(0, min(v.from(Preflight), len(lines)-a.H)):]
	for y, l := range lines {
		if left := len(lines) - y; y == a.H-1 && left > 1 {
			a.Fit(0, y, a.W, style.Label, fmt.Sprintf("… and %s%s", format.Plural(left, "line", "lines"), show.Hint(", ", v.hinted(Preflight).Hints.ScrollOn, "goes on")))
			return
		}
		a.Line(l.x, y, a.W, l.spans...)
	}
}
