package fleetmap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/condition"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// column is a column of the table of regions, w wide. A table that is too narrow for all has the first ones.
type column struct {
	head string
	w    int
	by   Order // what its sign of being sorted stands for; ByFile for none
	draw func(a canvas.Area, r *drill.RegionState)
}

// columns is the columns that have room in w columns, in the order of what they matter.
func (l Look) columns(w int) (cols []column) {
	all := []column{
		{"region", 2 + show.NameWidth(l.State, min(24, w/4)), ByName, l.drawName},
		{"state", 14, ByHealth, l.drawState},
		{"traffic", 8, ByShare, func(a canvas.Area, r *drill.RegionState) { a.Right(a.W, 0, style.Text, format.Percent(r.Share)) }},
	}
	names := show.ShortNames(l.State.Datasets)
	order := make([]int, 0, len(names)) // the dataset in focus first, since it is the last to go
	for i, d := range l.State.Datasets {
		if d == l.Chosen() {
			order = append([]int{i}, order...)
		} else {
			order = append(order, i)
		}
	}
	width := 19
	if len(names) > 1 {
		width = 17
	}
	for _, i := range order {
		d, by := l.State.Datasets[i], ByFile
		if d == l.Chosen() {
			by = ByLag
		}
		all = append(all, column{names[i], width, by, func(a canvas.Area, r *drill.RegionState) { l.drawHolding(a, d, r) }})
	}
	all = append(all, column{"serves", 16, ByFile, l.servesColumn()}, column{"web", 8, ByFile, func(a canvas.Area, r *drill.RegionState) {
		a.Fit(0, 0, a.W, style.Text, condition.Web(r))
	}}, column{"", 10, ByFile, func(a canvas.Area, r *drill.RegionState) { chart.Meter(a, 0, 0, a.W, r.Share, style.Fine) }},
		column{"place", 18, ByFile, func(a canvas.Area, r *drill.RegionState) { a.Fit(0, 0, a.W, style.Label, show.PlaceOf(r.Spec)) }})
	for _, c := range all {
		if c.w > w {
			break
		}
		w -= c.w + 1
		cols = append(cols, c)
	}
	return cols
}

// drawTable draws a row a region, as many as have room around the one in focus.
func drawTable(a canvas.Area, l Look) {
	regions := l.regions()
	cols := l.columns(a.W)
	rows := a.H
	heads := a.H > len(regions) || Tabled(l.State)
	y := 0
	if heads && a.H > 2 {
		l.drawHeads(a, cols)
		y, rows = 1, rows-1
	}
	counts := Tabled(l.State) && rows > 4
	if counts {
		rows--
		drawCounts(a.Rows(a.H-1, 1), l, regions, rows)
	}
	if len(regions) == 0 {
		a.Fit(0, y, a.W, style.Label, "no region matches “"+l.Filter+"”")
		return
	}
	first := l.first(regions, rows)
	for _, r := range regions[first:min(first+rows, len(regions))] {
		l.spot(a.Rows(y, 1), r)
		x := 0
		for _, c := range cols {
			c.draw(a.Sub(x, y, c.w, 1), r)
			x += c.w + 1
		}
		y++
	}
	// All populations or none: two of three would look like all there are.
	if !Tabled(l.State) && y+len(l.State.Populations) <= a.H {
		drawPopulations(a.Rows(y, a.H-y), l)
	}
}

// first is the first of so many rows that show the region in focus.
func (l Look) first(regions []*drill.RegionState, rows int) int {
	at := slices.IndexFunc(regions, func(r *drill.RegionState) bool { return r.Spec.Name == l.Region })
	return max(0, min(at-rows/2, len(regions)-rows))
}

func (l Look) drawHeads(a canvas.Area, cols []column) {
	x := 0
	for _, c := range cols {
		head, st := c.head, style.Label
		if c.by == l.Order && c.by != ByFile {
			head, st = head+" ↓", style.Title
		}
		switch {
		case c.by == ByShare:
			a.Right(x+c.w, 0, st, head)
		case c.by == ByName:
			a.Fit(x+2, 0, c.w-2, st, head)
		default:
			a.Fit(x, 0, c.w, st, head)
		}
		x += c.w + 1
	}
}

// drawCounts sums the fleet up below its table: how its regions are, which of them are shown, and the
// keys that show others.
func drawCounts(a canvas.Area, l Look, regions []*drill.RegionState, rows int) {
	by := map[drill.Health]int{}
	for _, r := range l.State.Regions {
		by[r.Health]++
	}
	var parts []string
	for _, h := range []drill.Health{drill.HealthDown, drill.HealthFrozen, drill.HealthCordoned, drill.HealthNoWeb, drill.HealthDegraded, drill.HealthStarting, drill.HealthUnknown, drill.HealthHealthy} {
		if by[h] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", format.Count(by[h]), h))
		}
	}
	first := l.first(regions, rows)
	shown := fmt.Sprintf("%d–%d of %d by %s", min(first+1, len(regions)), min(first+rows, len(regions)), len(regions), l.Order)
	does := show.Hint("  ", l.Hints.SortRegions, "sorts") + show.Hint("  ", l.Hints.Filter, "finds")
	x := a.Right(a.W, 0, style.Label, show.Longest(a.W/2, []string{shown + does, shown}))
	a.Fit(0, 0, x-2, style.Text, strings.Join(parts, ", "))
}

func (l Look) drawName(a canvas.Area, r *drill.RegionState) {
	if r.Spec.Name == l.Region {
		a.Text(0, 0, style.Star, l.Theme.Glyphs.Pointer)
	}
	a.Fit(2, 0, a.W-2, l.focused(r.Spec.Name), r.Spec.Name)
}

func (l Look) drawState(a canvas.Area, r *drill.RegionState) {
	st := show.StandingOf(l.State, r, l.Theme.Glyphs)
	if l.Recent(r.Changed) {
		st.Style.Reverse = true
	}
	a.Text(0, 0, st.Style, st.Sign+" "+show.Longest(a.W-2, st.Words))
}

func (l Look) drawHolding(a canvas.Area, d *drill.DatasetState, r *drill.RegionState) {
	h := show.HoldingOf(l.Scene, d, r.Spec.Name)
	x := 0
	if h.Leads {
		x = a.Text(0, 0, style.Star, l.Theme.Glyphs.Star+" ")
	}
	texts := h.InOne()
	if h.LeadsAlone() && len(l.State.Datasets) == 1 && len(h.Data) > 0 {
		texts = append([]string{h.Role[1] + ", " + h.Data[0]}, texts...)
	}
	a.Text(x, 0, h.Style(), show.Longest(a.W-x, texts))
}

// servesColumn draws whom each region serves; whom it serves is looked up once for all of them.
func (l Look) servesColumn() func(canvas.Area, *drill.RegionState) {
	served := map[string][]route{}
	for _, one := range routesOf(l.State) {
		for _, g := range l.State.Regions {
			if one.reaches(g.Spec.Name) {
				served[g.Spec.Name] = append(served[g.Spec.Name], one)
			}
		}
	}
	return func(a canvas.Area, r *drill.RegionState) {
		var names []string
		st := style.Fine
		for _, one := range served[r.Spec.Name] {
			names = append(names, one.pop.Spec.Name)
			if one.away() {
				st = style.Caution
			}
		}
		if len(names) > 0 {
			a.Text(0, 0, st, show.Longest(a.W, []string{strings.Join(names, ", "), format.Plural(len(names), "population", "populations")}))
		}
	}
}

// drawPopulations is a row a population: who serves it, how far that is, what it asks, and what fails.
func drawPopulations(a canvas.Area, l Look) {
	name := show.NameWidth(l.State, a.W/5)
	for y, r := range routesOf(l.State) {
		a.Fit(2, y, name, style.Strong, r.pop.Spec.Name)
		x := 2 + name + 2
		st, to := style.Fine, "→ "+r.pop.Region
		switch {
		case r.to < 0:
			st, to = style.DangerBold, l.Theme.Glyphs.Down+" no region serves it"
			if r.pop.Refused != "" {
				to = l.Theme.Glyphs.Down + " refused by law"
			}
		case r.away():
			st = style.Caution
		}
		if len(r.also) > 0 {
			to = fmt.Sprintf("→ %s %s +%d", r.pop.Region, format.Percent(r.pop.Shares[r.pop.Region]), len(r.also))
		}
		a.Fit(x, y, name+11, st, to)
		x = max(x+name+4, a.W/2-6)
		a.Right(x+7, y, style.Text, rttText(r))
		a.Right(x+15, y, style.Label, rateText(r))
		failing, fst := failingText(r.pop)
		a.Fit(x+17, y, a.W-x-17, fst, failing)
	}
}

func rateText(r route) string { return strconv.FormatFloat(r.pop.Spec.Rate, 'f', -1, 64) + "/s" }

// failingText is the share of a population's users who are failing now.
func failingText(p *drill.PopulationState) (string, style.Style) {
	switch now := measure.AffectedAmong(p); {
	case !now.Known:
		return format.None, style.Label
	case now.Affected == 0:
		return "none failing", style.Label
	default:
		return format.Percent(now.Share) + " failing", style.DangerBold
	}
}
