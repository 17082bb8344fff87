package data

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawDiscovery is a row for each region that finds the dataset's leader by itself: how, whom it calls now, how many of its
// calls went to stale endpoints, and for how long. It returns the rows that it took.
func drawDiscovery(a canvas.Area, sc show.Scene, d *drill.DatasetState) int {
	var rows []measure.Discovered
	name, kind := 0, 0
	for _, found := range measure.Discoveries(sc.State) {
		if found.Dataset == d.Name {
			rows = append(rows, found)
			name, kind = max(name, canvas.Width(found.Region)), max(kind, canvas.Width(found.Kind))
		}
	}
	if len(rows) > a.H {
		return drawSpells(a, rows)
	}
	for y, found := range rows {
		a.Fit(0, y, name, style.Text, found.Region)
		a.Text(name+1, y, style.Label, found.Kind)
		x := name + kind + 2
		stale := staleSpans(found)
		if x+12+2+canvas.SpansWidth(stale) > a.W {
			stale = stale[:1]
		}
		right := max(a.W-canvas.SpansWidth(stale), x)
		a.Line(x, y, right-1, endpointSpans(sc, d, found)...)
		a.Line(right, y, a.W, stale...)
	}
	return len(rows) + drawLookups(a.Rows(len(rows), a.H-len(rows)), sc)
}

// drawLookups is, in a row each, what regions were answered that looked up another cluster's store by the name that it has there;
// none where there is no room for all. It returns the rows that it took.
func drawLookups(a canvas.Area, sc show.Scene) int {
	all := sc.State.Lookups
	if len(all) > a.H {
		return 0
	}
	for y, l := range all {
		st := style.Caution
		if l.Says == "NXDOMAIN" {
			st = style.Text
		}
		a.Line(0, y, a.W, canvas.S(style.Text, l.Region+" "), canvas.S(style.Label, "asked for "+l.Name+": "), canvas.S(st, format.LookedUp(l)))
	}
	return len(all)
}

// drawSpells is all of them in one row, where there is none for each: for how long each called stale endpoints. Those who still do
// stand out.
func drawSpells(a canvas.Area, rows []measure.Discovered) int {
	if a.H < 1 {
		return 0
	}
	spans := []canvas.Span{canvas.S(style.Label, "stale calls  ")}
	for i, found := range rows {
		long, st := "none", style.Fine
		switch {
		case !found.For.Known:
			long, st = format.None, style.Label
		case found.Going:
			long, st = format.Span(found.For.D), style.DangerBold
		case found.Stale > 0:
			long, st = format.Span(found.For.D), style.Text
		}
		after := " · "
		if i == len(rows)-1 {
			after = ""
		}
		spans = append(spans, canvas.S(style.Label, found.Region+" "), canvas.S(st, long), canvas.S(style.Label, after))
	}
	a.Line(0, 0, a.W, spans...)
	return 1
}

// endpointSpans is whom a region calls: those that do not lead stand out.
func endpointSpans(sc show.Scene, d *drill.DatasetState, found measure.Discovered) []canvas.Span {
	switch {
	case found.Silent:
		return []canvas.Span{canvas.S(style.Label, format.Unknown)}
	case len(found.Endpoints) == 0:
		return []canvas.Span{canvas.S(style.Caution, "calls nobody")}
	}
	spans := []canvas.Span{canvas.S(style.Label, "calls ")}
	for i, region := range found.Endpoints {
		if i > 0 {
			spans = append(spans, canvas.S(style.Label, ", "))
		}
		st := style.Text
		if r := sc.State.Region(region); region != d.Authority || r != nil && !r.Health.Answers() {
			st = style.DangerBold
		}
		spans = append(spans, canvas.S(st, region))
	}
	return spans
}

// staleSpans is what of a region's calls went to stale endpoints.
func staleSpans(found measure.Discovered) []canvas.Span {
	share, known := found.Share()
	switch {
	case !known:
		return []canvas.Span{canvas.S(style.Label, "no calls yet")}
	case found.Stale == 0:
		return []canvas.Span{canvas.S(style.Fine, "none stale"), canvas.S(style.Label, " of "+strings.TrimSpace(format.Plural(found.Calls, "call", "calls")))}
	}
	st := style.Text
	if found.Going {
		st = style.DangerBold
	}
	return []canvas.Span{canvas.S(st, format.Count(found.Stale)+" stale ("+format.Percent(share)+")"), canvas.S(style.Label, ", for "), canvas.S(st, format.Span(found.For.D))}
}
