package fleetmap

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// grid is the picture where there is little room or more regions than stand side by side: cards in
// one row or two, who is served in each card's lower edge, the links of neighbours between them, and
// the others in a line of words.
type grid struct {
	cols, rows int
	w, gap     int  // of a card, and between two
	inside     int  // rows of a card
	rest       bool // there is a line for what is not drawn
}

// layGrid finds the grid with the fewest rows of cards that fits into w × h; false where none does.
func layGrid(w, h int, s *drill.State) (grid, bool) {
	n := len(s.Regions)
	if n == 0 || Tabled(s) {
		return grid{}, false
	}
	for rows := 1; rows <= 2; rows++ {
		g := grid{cols: (n + rows - 1) / rows, rows: rows}
		var fits bool
		if g.w, g.gap, fits = across(g.cols, w); !fits {
			continue
		}
		least := 1 + leastData(s)
		g.inside = min((h-(rows-1))/rows-2, 2+dataRows(s))
		if g.inside < least {
			continue
		}
		if g.elsewhere(s) { // what is not drawn has a line of words, if need be for a row of the cards
			if g.height() == h && g.inside > least {
				g.inside--
			}
			g.rest = g.height() < h
		}
		return g, true
	}
	return grid{}, false
}

// leastData is the rows of a card about data that a grid does not do without.
func leastData(s *drill.State) int { return min(max(len(s.Datasets), 1), 3) }

// height is the rows of the grid.
func (g grid) height() int {
	h := g.rows*(g.inside+2) + g.rows - 1
	if g.rest {
		h++
	}
	return h
}

// elsewhere reports whether something needs the line of words below the cards.
func (g grid) elsewhere(s *drill.State) bool { return len(g.hidden(s)) > 0 || len(unserved(s)) > 0 }

// joined reports whether the grid has a line between two regions.
func (g grid) joined(i, j int) bool {
	return j == i+1 && i/g.cols == j/g.cols || j == i+g.cols
}

// hidden is the links that have no line.
func (g grid) hidden(s *drill.State) (links [][2]string) {
	for i := range s.Regions {
		for j := i + 1; j < len(s.Regions); j++ {
			a, b := s.Regions[i].Spec.Name, s.Regions[j].Spec.Name
			if _, linked := s.Fleet.LinkBetween(a, b); linked && !g.joined(i, j) {
				links = append(links, [2]string{a, b})
			}
		}
	}
	return links
}

func unserved(s *drill.State) (names []string) {
	for _, p := range s.Populations {
		if indexOf(s, p.Region) < 0 {
			names = append(names, p.Spec.Name)
		}
	}
	return names
}

func (g grid) draw(a canvas.Area, l Look) {
	left := (a.W - g.cols*g.w - (g.cols-1)*g.gap) / 2
	regions := l.State.Regions
	high := g.inside + 2
	for i, r := range regions {
		x, y := left+i%g.cols*(g.w+g.gap), i/g.cols*(high+1)
		g.card(a.Sub(x, y, g.w, high), l, r)
		if i+1 < len(regions) && g.joined(i, i+1) {
			drawLink(a.Sub(x+g.w, y+1, g.gap, high-2), l, show.LinkBetween(l.State, r.Spec.Name, regions[i+1].Spec.Name))
		}
		if j := i + g.cols; j < len(regions) {
			drawUpright(a.Sub(x, y+high, g.w, 1), l, show.LinkBetween(l.State, r.Spec.Name, regions[j].Spec.Name))
		}
	}
	if y := g.rows*(high+1) - 1; y < a.H && g.rest {
		g.drawRest(a.Rows(y, 1), l)
	}
}

// card draws a region with all that the picture has as lines in words of its own.
func (g grid) card(a canvas.Area, l Look, r *drill.RegionState) {
	in := drawFrame(a, l, r)
	data := min(dataRows(l.State), in.H-1)
	y := 1
	if in.H > 1+data {
		drawHealth(in, l, r, show.Cause(l.State, r))
		trafficRow(in, r)
		y++
	} else {
		drawHealth(in, l, r, format.Percent(r.Share))
	}
	drawHoldings(in, l, r, y, data)
	drawServed(a.Sub(1, a.H-1, a.W-2, 1), l, r)
}

// drawServed writes into a card's lower edge which users it serves, and what is wrong with that.
func drawServed(a canvas.Area, l Look, r *drill.RegionState) {
	var here []route
	var served []*drill.PopulationState
	var names []string
	away := false
	for _, one := range routesOf(l.State) {
		if one.reaches(r.Spec.Name) {
			here, served, names = append(here, one), append(served, one.pop), append(names, one.pop.Spec.Name)
			away = away || one.away()
		}
	}
	if len(here) == 0 {
		return
	}
	st := style.Fine
	list := strings.Join(names, ", ")
	short := names[0]
	if len(names) > 1 {
		short = fmt.Sprintf("%s +%d", names[0], len(names)-1)
	}
	texts := []string{list, short}
	switch now := measure.AffectedAmong(served...); {
	case now.Affected > 0:
		st = style.DangerBold
		// Who fares ill is said before the word for it: the sign says that too.
		share, sign := format.Percent(now.Share), " "+l.Theme.Glyphs.Down+" "
		texts = []string{list + " " + share + " failing", short + " " + share + " failing", list + sign + share, short + sign + share}
	case away:
		st = style.Caution
		texts = append([]string{list + " " + rttText(here[0])}, texts...)
	case len(names) == 1:
		texts = append([]string{list + " " + rttText(here[0])}, texts...)
	}
	a.Text(1, 0, st, " "+show.Longest(a.W-4, append(prefixed("← ", texts), texts...))+" ")
}

func prefixed(with string, texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = with + t
	}
	return out
}

// drawUpright draws the link of two cards that stand one above the other, in the one row between them.
func drawUpright(a canvas.Area, l Look, link show.Link) {
	if !link.Linked {
		return
	}
	texts := []string{link.RTT}
	sign := "│"
	switch f := link.Flow; {
	case link.Cut:
		sign, texts = "╎", []string{link.RTT + " cut", "cut"}
	case f.Known && f.Sum() > 0:
		way := down
		if f.Back > f.There {
			way = "▴"
		}
		texts = []string{fmt.Sprintf("%s %s %s", link.RTT, way, format.Rate(f.Sum())), link.RTT + " " + way}
		if n := pace(max(f.There, f.Back)); l.Motion && int(l.Now*time.Duration(n)/time.Second)%2 == 0 {
			sign = way
		}
	}
	x := a.W / 2
	a.Text(x, 0, link.Style, sign)
	a.Text(x+2, 0, style.Label, show.Longest(a.W-x-2, texts))
}

// drawRest is a line about what has no line of its own: users whom nobody serves, links that are cut
// or slow, and how the others are.
func (g grid) drawRest(a canvas.Area, l Look) {
	var spans []canvas.Span
	add := func(st style.Style, text string) {
		if len(spans) > 0 {
			spans = append(spans, canvas.S(style.Label, " · "))
		}
		spans = append(spans, canvas.S(st, text))
	}
	if users := unserved(l.State); len(users) > 0 {
		add(style.DangerBold, l.Theme.Glyphs.Down+" no region serves "+strings.Join(users, ", "))
	}
	var open []show.Link
	for _, pair := range g.hidden(l.State) {
		link := show.LinkBetween(l.State, pair[0], pair[1])
		switch name := pair[0] + " – " + pair[1]; {
		case link.Cut:
			add(style.Danger, l.Theme.Glyphs.Cut+" "+name+" cut")
		case link.Shaped:
			add(style.Caution, name+" "+link.RTT)
		default:
			open = append(open, link)
		}
	}
	if len(open) > 0 {
		room := a.W - 3 - canvas.SpansWidth(spans)
		add(style.Label, show.Longest(room, openText(l, open)))
	}
	a.Line(0, 0, a.W, spans...)
}

// openText is links that are whole: each of them, or how many there are, how far they go, and what crosses them.
func openText(l Look, open []show.Link) []string {
	var each, short []string
	rate, known := 0.0, true
	fast, slow := time.Duration(math.MaxInt64), time.Duration(0)
	for _, link := range open {
		rtt := measure.RoundTrip(l.State, link.A, link.B)
		fast, slow = min(fast, rtt), max(slow, rtt)
		rate, known = rate+link.Flow.Sum(), known && link.Flow.Known
		each = append(each, link.A+" – "+link.B+" "+link.RTT+flowText(link.Flow))
		short = append(short, link.A+" – "+link.B+" "+link.RTT)
	}
	far := format.Span(fast)
	if slow > fast {
		far += " to " + format.Span(slow)
	}
	sum := fmt.Sprintf("%s, %s", format.Plural(len(open), "more link", "more links"), far)
	texts := []string{strings.Join(each, " · "), strings.Join(short, " · "), sum}
	if known && len(open) > 1 {
		texts = []string{texts[0], texts[1], sum + ", " + format.Rate(rate) + " in all", sum}
	}
	return texts
}

// flowText is what crosses a link each way, as signs and numbers.
func flowText(f show.Flow) string {
	if !f.Known {
		return ""
	}
	return fmt.Sprintf("  %s %s  %s %s", right, format.Rate(f.There), left, format.Rate(f.Back))
}
