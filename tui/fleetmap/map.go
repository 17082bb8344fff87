// Package fleetmap draws a fleet: its regions, who leads, where the users' requests go, and what
// crosses the links. As many as a person can follow are a picture, at any size of screen; more
// are a table.
package fleetmap

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Pictured is how many regions are drawn as a picture at most.
const Pictured = 6

// Look is a fleet as it is looked at: the scene, and how a table of it is sorted and filtered.
type Look struct {
	show.Scene
	Order  Order
	Filter string
	// Spot is what a click on a region means to who draws the map; nil is nothing.
	Spot func(region string) any
}

// Draw draws the fleet as well as the area has room for.
func Draw(a canvas.Area, l Look) {
	if hubbed(l.State, a.W, a.H) {
		drawHub(a.Rows(a.H-hubRows, hubRows), l)
		a = a.Rows(0, a.H-hubRows)
	}
	if p, ok := layPicture(a, l); ok {
		p.draw(a, l)
	} else if g, ok := layGrid(a.W, a.H, l.State); ok {
		g.draw(a, l)
	} else {
		drawTable(a, l)
	}
}

// Rows is how many rows the map wants in w columns, at most so many.
func Rows(s *drill.State, w, most int) int {
	if hubbed(s, w, most) {
		return rowsOfRegions(s, w, most-hubRows) + hubRows
	}
	return rowsOfRegions(s, w, most)
}

func rowsOfRegions(s *drill.State, w, most int) int {
	if n := pictureRows(s, w); n > 0 && n <= most {
		return n
	}
	if g, ok := layGrid(w, most, s); ok {
		return g.height()
	}
	return min(len(s.Regions)+2+len(s.Populations), most)
}

// Tabled reports whether a fleet has too many regions for a picture.
func Tabled(s *drill.State) bool { return len(s.Regions) > Pictured }

// regions is the regions of the table, sorted and filtered.
func (l Look) regions() []*drill.RegionState {
	return Regions(l.State, l.Dataset, l.Order, l.Filter)
}

// The measures of the picture of a fleet: the least of a card has room for "leader 2nd term".
const (
	cardMin = 19
	cardMax = 26
	gapMin  = 7
	gapMax  = 24
)

// picture is where everything of the picture stands: the users above, their lines down to the
// regions side by side, and below these the links of regions that are no neighbours.
type picture struct {
	w, h   int // of a card
	gap    int
	y      int // top of the cards
	cards  []int
	routes []route
}

// across is how wide n cards side by side are, and the gap between them; false where they don't fit.
func across(n, w int) (card, gap int, ok bool) {
	if n < 2 {
		return min(w, cardMax), 0, n > 0 && w >= cardMin
	}
	if card = (w - (n-1)*gapMin) / n; card < cardMin {
		card = (w - (n-1)*(gapMin-1)) / n // both can be a little narrower
	}
	card = min(card, cardMax)
	return card, min((w-n*card)/(n-1), gapMax), card >= cardMin-1
}

// pictureRows is the rows of a picture in which no user is served elsewhere, and one that is has
// room; 0 where it does not fit in w columns.
func pictureRows(s *drill.State, w int) int {
	if _, _, ok := across(len(s.Regions), w); !ok || Tabled(s) {
		return 0
	}
	return 3 + cardRows(s) + 2 + len(distant(s))
}

func layPicture(a canvas.Area, l Look) (picture, bool) {
	n := len(l.State.Regions)
	if Tabled(l.State) {
		return picture{}, false
	}
	w, gap, ok := across(n, a.W)
	p := picture{w: w, gap: gap, h: cardRows(l.State) + 2, routes: routesOf(l.State)}
	over, far := detours(p.routes), len(distant(l.State))
	p.y = a.H - p.h - far
	if !ok || p.y < 2+min(over, 2) {
		return picture{}, false
	}
	// What room is left is for the web tier, and for the place.
	if extra := min(p.y-2-over, 2); extra > 0 {
		p.h, p.y = p.h+extra, p.y-extra
	}
	left := (a.W - n*p.w - (n-1)*p.gap) / 2
	for i := range n {
		p.cards = append(p.cards, left+i*(p.w+p.gap))
	}
	return p, true
}

func (p picture) draw(a canvas.Area, l Look) {
	regions := l.State.Regions
	for i, r := range regions {
		drawCard(a.Sub(p.cards[i], p.y, p.w, p.h), l, r)
	}
	drawRoutes(a, l, p)
	for i := 0; i+1 < len(p.cards); i++ {
		drawLink(a.Sub(p.cards[i]+p.w, p.y+1, p.gap, p.h-2), l, show.LinkBetween(l.State, regions[i].Spec.Name, regions[i+1].Spec.Name))
	}
	for i, pair := range distant(l.State) {
		link := show.LinkBetween(l.State, regions[pair[0]].Spec.Name, regions[pair[1]].Spec.Name)
		drawDetour(a, l, p.cards[pair[0]]+p.w/2, p.cards[pair[1]]+p.w/2, p.y+p.h+i, link)
	}
}

// distant is the linked pairs of regions that do not stand side by side.
func distant(s *drill.State) [][2]int {
	var pairs [][2]int
	for i := range s.Regions {
		for j := i + 2; j < len(s.Regions); j++ {
			if _, ok := s.Fleet.LinkBetween(s.Regions[i].Spec.Name, s.Regions[j].Spec.Name); ok {
				pairs = append(pairs, [2]int{i, j})
			}
		}
	}
	return pairs
}

func indexOf(s *drill.State, region string) int {
	return slices.IndexFunc(s.Regions, func(r *drill.RegionState) bool { return r.Spec.Name == region })
}

// focused is the style of a region's name.
func (l Look) focused(region string) style.Style {
	if region == l.Region {
		return style.TitleHot
	}
	return style.Text
}

// spot marks where a region is drawn.
func (l Look) spot(a canvas.Area, r *drill.RegionState) {
	if l.Spot != nil {
		a.Zone(l.Spot(r.Spec.Name))
	}
}
