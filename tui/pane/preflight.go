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

// drawPreflight draws how ready each region is to lead each dataset: of one that is, what was found in a few words, of another
// each check that says otherwise, and what to do.
func drawPreflight(a canvas.Area, v View) {
	var rows []show.Line
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
		rows = append(rows, show.Line{Spans: []canvas.Span{canvas.S(style.Title, d.Name), canvas.S(style.Label, ", "+led)}})
		for _, t := range targets {
			rows = append(rows, readyRows(v, t)...)
		}
	}
	show.DrawLines(a, rows, v.from(Preflight), v.hinted(Preflight).Hints.ScrollOn)
}

func readyRows(v View, t preflight.Target) (rows []show.Line) {
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
		return []show.Line{{X: 2, Spans: append(head, canvas.S(style.Label, "  ")), Style: style.Label, Text: strings.Join(found, " · ")}}
	}
	rows = append(rows, show.Line{X: 2, Spans: head})
	for _, f := range against {
		st, _ := readySign(v, f.Status)
		text := f.Why
		if f.Next != "" {
			text += "; " + f.Next
		}
		rows = append(rows, show.Line{X: 4, Spans: []canvas.Span{canvas.S(style.Label, fmt.Sprintf("%-12s", f.Check))}, Style: st, Text: text})
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
