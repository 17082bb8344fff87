package pane

import (
	"fmt"
	"strconv"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// FleetListHeight is the rows that FleetList wants.
func FleetListHeight(s *drill.State) int { return len(s.Regions) + len(s.Populations) + 1 }

// FleetList is the fleet as one line a region and one a population, for where the
// picture has no room.
func FleetList(a canvas.Area, v View) {
	name := nameWidth(v.State, a.W/5)
	y := 0
	for _, r := range v.State.Regions {
		listRegion(a, v, r, y, name)
		y++
	}
	// All populations or format.None: two of three would look like all there are.
	if y+len(v.State.Populations) > a.H {
		return
	}
	if a.H >= FleetListHeight(v.State) {
		y++
	}
	for _, r := range routesOf(v) {
		listPopulation(a, v, r, y, name)
		y++
	}
}

func nameWidth(s *drill.State, most int) int {
	w := 8
	for _, r := range s.Regions {
		w = max(w, canvas.Width(r.Spec.Name))
	}
	for _, p := range s.Populations {
		w = max(w, canvas.Width(p.Spec.Name))
	}
	return min(w, max(most, 8))
}

func listRegion(a canvas.Area, v View, r *drill.RegionState, y, name int) {
	a.Rows(y, 1).Zone(Target{Pane: Fleet, Region: r.Spec.Name})
	nameStyle := style.Text
	if r.Spec.Name == v.Region {
		a.Text(0, y, style.Star, v.Theme.Glyphs.Pointer)
		nameStyle = style.TitleHot
	}
	a.Fit(2, y, name, nameStyle, r.Spec.Name)
	glyph, _, st := show.HealthSign(r.Health, v.Theme.Glyphs)
	if v.recent(r.Changed) {
		st.Reverse = true
	}
	x := 2 + name + 2
	a.Text(x, y, st, glyph+" "+show.HealthWord(v.State, r))
	x += 12
	meter := 0
	if a.W >= 72 {
		meter = min(8, a.W-68)
		chart.Meter(a, x, y, meter, r.Share, style.Fine)
	}
	a.Right(x+meter+7, y, style.Text, format.Percent(r.Share))
	x += meter + 9
	if a.W >= 64 {
		x = a.Text(x, y, style.Label, "web ")
		a.Text(x, y, style.Text, webText(r))
		x += 8
	}
	if d := v.Chosen(); d != nil && d.Authority == r.Spec.Name {
		a.Text(x, y, style.Star, fmt.Sprintf("%s %d", v.Theme.Glyphs.Star, d.Epoch))
	}
	x += 5
	label, text, dst := dataText(v, r)
	a.Line(x, y, a.W, canvas.S(style.Label, label+" "), canvas.S(dst, text))
}

func listPopulation(a canvas.Area, v View, r route, y, name int) {
	a.Fit(2, y, name, style.Strong, r.pop.Spec.Name)
	x := 2 + name + 2
	st := style.Fine
	to := "→ " + r.pop.Region
	switch {
	case r.to < 0:
		st, to = style.DangerBold, v.Theme.Glyphs.Down+" no region serves it"
	case r.away():
		st = style.Caution
	}
	a.Fit(x, y, name+11, st, to)
	x = max(x+name+4, a.W/2-6)
	a.Right(x+7, y, style.Text, rttText(r))
	x += 9
	rate := strconv.FormatFloat(r.pop.Spec.Rate, 'f', -1, 64) + "/s"
	a.Right(x+6, y, style.Label, rate)
	x += 8
	failing, fst := failingText(r.pop)
	a.Fit(x, y, a.W-x, fst, failing)
}

// failingText is the share of a population's requests that failed in the last
// sample.
func failingText(p *drill.PopulationState) (string, style.Style) {
	if p.Last == nil || p.Last.Requests == 0 {
		return format.None, style.Label
	}
	if p.Last.Failed == 0 {
		return "none failing", style.Label
	}
	return format.Percent(float64(p.Last.Failed)/float64(p.Last.Requests)) + " failing", style.DangerBold
}

// DrawFleetList draws FleetList with the fleet's frame.
func DrawFleetList(a canvas.Area, v View) {
	a.Zone(Target{Pane: Fleet})
	title, note := fleetTitle(v)
	FleetList(a.Box(v.Frame(v.Focus == Fleet), title, note).Inset(1, 0), v)
}
