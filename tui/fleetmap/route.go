package fleetmap

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// route is a population and the way its requests go now.
type route struct {
	pop  *drill.PopulationState
	home int // index of the region that it uses while all serve
	to   int // index of the region that serves it, of several most of it; -1 for none
	also []share
}

// share is another region that serves a population, by the routing policy.
type share struct {
	to   int
	part float64
}

func (r route) away() bool { return r.to >= 0 && r.to != r.home }

// reaches reports whether requests of the population go to a region.
func (r route) reaches(region string) bool { return r.pop.Region == region || r.pop.Shares[region] > 0 }

func routesOf(s *drill.State) []route {
	var routes []route
	for _, p := range s.Populations {
		r := route{pop: p, home: homeOf(s, p.Spec), to: indexOf(s, p.Region)}
		for i, g := range s.Regions {
			if part := p.Shares[g.Spec.Name]; part > 0 && i != r.to {
				r.also = append(r.also, share{to: i, part: part})
			}
		}
		routes = append(routes, r)
	}
	return routes
}

// detours counts the bent lines: those of populations that are not served where the policy sends them while all serve, and
// those to the other regions that have a share.
func detours(routes []route) int {
	n := 0
	for _, r := range routes {
		n += len(r.also)
		if r.away() {
			n++
		}
	}
	return n
}

// homeOf is the region that the routing policy sends most requests to while all serve.
func homeOf(s *drill.State, p topology.Population) int {
	regions := make([]string, len(s.Regions))
	for i, r := range s.Regions {
		regions[i] = r.Spec.Name
	}
	home := policy.Of(s.Fleet, p, func(string) bool { return true }).Main()
	return max(slices.Index(regions, home), 0)
}

// drawRoutes draws the populations above the cards and the lines down to the
// regions that serve them: straight where they live, bent where they go away.
func drawRoutes(a canvas.Area, l Look, p picture) {
	x := nameRoutes(a, p, anchors(p))
	bend := 2
	// Bent lines first, so that the straight ones can be seen to cross them.
	left, right := map[int]int{}, map[int]int{}
	var labels []func() // last, so that no line goes through one
	bent := func(r route, from, to int, label string, st style.Style) {
		land := 0
		if from < p.cards[to]+p.w/2 {
			land = p.cards[to] + 2 + 3*left[to]
			left[to]++
		} else {
			land = p.cards[to] + p.w - 3 - 3*right[to]
			right[to]++
		}
		row := min(bend, p.y-1)
		drawBent(a, from, land, row, p.y, st)
		r.drawFlow(a, l, to, land, row+1, p.y-row-1, st)
		if lo, hi := min(from, land), max(from, land); hi-lo > canvas.Width(label)+5 {
			labels = append(labels, func() { labelLine(a.Sub(lo+1, row, hi-lo-1, 1), st, " "+label+" ") })
		}
		bend++
	}
	for i, r := range p.routes {
		if r.away() {
			bent(r, x[i], r.to, rttText(r), style.Caution)
		}
		for _, s := range r.also {
			bent(r, x[i], s.to, format.Percent(s.part), style.Fine)
		}
	}
	for i, r := range p.routes {
		switch {
		case r.to < 0:
			a.VLine(x[i], 1, p.y-1, style.Danger, "╎")
			a.Text(x[i]+2, min(2, p.y-1), style.Danger, l.Theme.Glyphs.Down+" "+nowhere(r))
		case !r.away():
			drawStraight(a, l, r, x[i], p.y)
		}
	}
	for _, write := range labels {
		write()
	}
}

// labelLine writes a label into a line, as near to its middle as no other line crosses it; where others cross it everywhere, it
// goes before them.
func labelLine(a canvas.Area, st style.Style, label string) {
	w := canvas.Width(label)
	middle := (a.W - w) / 2
	free := func(x int) bool {
		for i := range w {
			if a.At(x+i, 0) != "─" {
				return false
			}
		}
		return x >= 0 && x+w <= a.W
	}
	for off := range a.W {
		for _, x := range []int{middle + off, middle - off} {
			if free(x) {
				a.Text(x, 0, st, label)
				return
			}
		}
	}
	a.Text(max(middle, 0), 0, st, label)
}

// anchors is the column of each population: the middle of its home's card,
// side by side where several live there.
func anchors(p picture) []int {
	total := map[int]int{}
	for _, r := range p.routes {
		total[r.home]++
	}
	seen := map[int]int{}
	x := make([]int, len(p.routes))
	for i, r := range p.routes {
		seen[r.home]++
		x[i] = p.cards[r.home] + p.w*seen[r.home]/(total[r.home]+1)
	}
	return x
}

// nameRoutes names the populations above their anchors, with what each asks for; where there is no room for
// all of that, with their names alone. It returns the columns of their lines, each under its own name.
func nameRoutes(a canvas.Area, p picture, anchors []int) (lines []int) {
	routes := p.routes
	rates, all := make([]string, len(routes)), make([]int, len(routes))
	for i, r := range routes {
		rates[i] = " " + rateText(r)
		all[i] = canvas.Width(r.pop.Spec.Name + rates[i])
	}
	starts, fit := sideBySide(anchors, all, a.W)
	if !fit {
		for i, r := range routes {
			rates[i], all[i] = "", canvas.Width(r.pop.Spec.Name)
		}
		starts, _ = sideBySide(anchors, all, a.W)
	}
	for i, r := range routes {
		next := a.Text(starts[i], 0, style.Strong, r.pop.Spec.Name)
		a.Text(next, 0, style.Label, rates[i])
	}
	return p.under(anchors, starts, all)
}

// under is the anchors, each moved as far as its card is wide to be under the middle of its label. Where that would bring two
// onto one column they stay.
func (p picture) under(anchors, starts, widths []int) []int {
	moved, taken := make([]int, len(anchors)), map[int]bool{}
	for i, r := range p.routes {
		card := p.cards[r.home]
		moved[i] = min(max(starts[i]+widths[i]/2, card+2), card+p.w-3)
		if taken[moved[i]] {
			return anchors
		}
		taken[moved[i]] = true
	}
	return moved
}

// labelGap is the columns between two labels.
const labelGap = 2

// sideBySide is where labels of these widths start in w columns, each as near to the middle of its anchor as its neighbours
// let it be; false where they don't fit.
func sideBySide(anchors, widths []int, w int) (starts []int, fit bool) {
	order := make([]int, len(anchors))
	need := -labelGap
	for i := range order {
		order[i] = i
		need += widths[i] + labelGap
	}
	slices.SortStableFunc(order, func(i, j int) int { return anchors[i] - anchors[j] })
	// Each pushes the next to the right; each pushes the one before to the left; the mean of both overlaps no more
	// than either, and leans to no side.
	right, left := make([]int, len(anchors)), make([]int, len(anchors))
	starts = make([]int, len(anchors))
	for i := range anchors {
		right[i] = anchors[i] - widths[i]/2
		left[i] = right[i]
	}
	for n := 1; n < len(order); n++ {
		i, before := order[n], order[n-1]
		right[i] = max(right[i], right[before]+widths[before]+labelGap)
	}
	for n := len(order) - 2; n >= 0; n-- {
		i, next := order[n], order[n+1]
		left[i] = min(left[i], left[next]-widths[i]-labelGap)
	}
	edge := 0
	for _, i := range order {
		starts[i] = max((right[i]+left[i]+1)/2, edge)
		edge = starts[i] + widths[i] + labelGap
	}
	edge = w
	for _, i := range slices.Backward(order) {
		starts[i] = max(min(starts[i], edge-widths[i]), 0)
		edge = starts[i] - labelGap
	}
	return starts, need <= w
}

// nowhere is why a population is served by no region.
func nowhere(r route) string {
	if r.pop.Refused != "" {
		return "refused"
	}
	return "no region"
}

func rttText(r route) string {
	if rtt, ok := r.pop.Spec.RTT[r.pop.Region]; ok {
		return format.Span(rtt)
	}
	return ""
}

// shareText is the share of the region that has most of a population, where others have some, before the round trip there.
func shareText(r route) string {
	if part := r.pop.Shares[r.pop.Region]; len(r.also) > 0 && part > 0 {
		return format.Percent(part) + ", " + rttText(r)
	}
	return rttText(r)
}

func drawStraight(a canvas.Area, l Look, r route, x, y int) {
	for row := 1; row < y; row++ {
		a.Text(x, row, style.Fine, cross(a, x, row, "│"))
	}
	land(a, x, y, style.Fine)
	r.drawFlow(a, l, r.to, x, 1, y-1, style.Fine)
	for row := 1; row < y; row++ {
		text := shareText(r)
		if a.Blank(x+1, row, canvas.Width(text)+2) {
			a.Text(x+2, row, style.Label, text)
			return
		}
	}
}

func drawBent(a canvas.Area, from, to, bend, y int, st style.Style) {
	for row := 1; row < bend; row++ {
		a.Text(from, row, st, cross(a, from, row, "│"))
	}
	lo, hi := min(from, to), max(from, to)
	for x := lo + 1; x < hi; x++ {
		a.Text(x, bend, st, cross(a, x, bend, "─"))
	}
	first, last := "╰", "╮"
	if to < from {
		first, last = "╯", "╭"
	}
	if from == to {
		first, last = "│", "│"
	}
	a.Text(from, bend, st, first)
	a.Text(to, bend, st, last)
	for row := bend + 1; row < y; row++ {
		a.Text(to, row, st, cross(a, to, row, "│"))
	}
	land(a, to, y, st)
}

// drawFlow lays a mark over n rows of a route that goes down to its region, as long as requests of
// the population cross it.
func (r route) drawFlow(a canvas.Area, l Look, to, x, y, n int, st style.Style) {
	f := show.FlowBetween(l.State, r.pop.Spec.Name, l.State.Regions[to].Spec.Name)
	if n < 1 || !f.Known || f.There <= 0 {
		return
	}
	if at := y + l.phase(f.There, n); a.At(x, at) == "│" {
		a.Text(x, at, st, down)
	}
}

func cross(a canvas.Area, x, y int, line string) string {
	switch at := a.At(x, y); {
	case line == "│" && (at == "╰" || at == "├"):
		return "├"
	case line == "│" && (at == "╯" || at == "┤"):
		return "┤"
	case at == "─", at == "│" && line != "│":
		return "┼"
	}
	return line
}

// land joins a line to the upper edge of a card, but not through its title.
func land(a canvas.Area, x, y int, st style.Style) {
	switch a.At(x, y) {
	case "─":
		a.Text(x, y, st, "┴")
	case "━":
		a.Text(x, y, st, "┻")
	}
}
