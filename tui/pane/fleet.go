package pane

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

func fleetTitle(v View) (string, string) {
	// Distances are given in the fleet's file, so they are not to pass for measured.
	return "Fleet", fmt.Sprintf("%s, %s users · RTT as set", format.Plural(len(v.State.Regions), "region", "regions"), format.Count(v.State.Fleet.TotalUsers()))
}

// The measures of the picture of a fleet.
const (
	cardMin = 18
	cardMax = 26
	gapMin  = 9
	cardH   = 6
)

// plan is where everything of the picture stands.
type plan struct {
	w, h   int // of a card
	gap    int
	y      int // top of the cards
	cards  []int
	routes []route
}

// layFleet finds room for the picture; false when a list serves better.
func layFleet(a canvas.Area, v View) (plan, bool) {
	n := len(v.State.Regions)
	if n == 0 {
		return plan{}, false
	}
	p := plan{w: cardMax, h: cardH, gap: gapMin}
	if n > 1 {
		p.w = min((a.W-(n-1)*gapMin)/n, cardMax)
		p.gap = min((a.W-n*p.w)/(n-1), 24)
	}
	p.routes = routesOf(v)
	over := detours(p.routes)
	below := min(len(distant(v.State)), max(0, a.H-p.h-2-over))
	if room := a.H - p.h - below - 2 - over; room >= 4 {
		p.h++ // for the place
	}
	p.y = a.H - p.h - below
	if p.w < cardMin || p.y < 2+min(over, 2) {
		return plan{}, false
	}
	left := (a.W - n*p.w - (n-1)*p.gap) / 2
	for i := range n {
		p.cards = append(p.cards, left+i*(p.w+p.gap))
	}
	return p, true
}

func drawFleet(a canvas.Area, v View) {
	p, ok := layFleet(a, v)
	if !ok {
		FleetList(a, v)
		return
	}
	for i, r := range v.State.Regions {
		drawCard(a.Sub(p.cards[i], p.y, p.w, p.h), v, r)
	}
	drawRoutes(a, v, p)
	for i := 0; i+1 < len(p.cards); i++ {
		drawLink(a.Sub(p.cards[i]+p.w, p.y, p.gap, p.h), v, v.State.Regions[i].Spec.Name, v.State.Regions[i+1].Spec.Name)
	}
	for i, pair := range distant(v.State) {
		if y := p.y + p.h + i; y < a.H {
			drawDetour(a, v, p.cards[pair[0]]+p.w/2, p.cards[pair[1]]+p.w/2, y, v.State.Regions[pair[0]].Spec.Name, v.State.Regions[pair[1]].Spec.Name)
		}
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

// linkLook is the line of a link as it stands, its style, and its round trip in words.
func linkLook(v View, a, b string) (line string, st style.Style, rtt string) {
	line, st, rtt = "─", style.Frame, format.None
	if _, ok := v.State.Fleet.LinkBetween(a, b); ok {
		rtt = format.Span(measure.RoundTrip(v.State, a, b))
	}
	switch {
	case linkCut(v.State, a, b):
		return "╌", style.Danger, rtt
	case reshaped(v.State, a, b):
		return "┄", style.Caution, rtt
	}
	return line, st, rtt
}

// reshaped reports whether a fault holds a link in another shape than the fleet file's.
func reshaped(s *drill.State, a, b string) bool {
	return slices.ContainsFunc(s.Faults, func(f *drill.Fault) bool {
		return f.Lifted == nil && slices.ContainsFunc(f.Effect.Reshapes, func(w topology.Way) bool { return w.Has(a, b) || w.Has(b, a) })
	})
}

func linkCut(s *drill.State, a, b string) bool {
	return s.Apart(a, b) || slices.ContainsFunc(s.Links, func(l drill.LinkSample) bool {
		return l.Cut && (l.From == a && l.To == b || l.From == b && l.To == a)
	})
}

// linkRate is the bytes per second of both directions.
func linkRate(s *drill.State, a, b string) (rate float64, known bool) {
	for _, l := range s.Links {
		if l.From == a && l.To == b || l.From == b && l.To == a {
			rate, known = rate+l.Rate, true
		}
	}
	return rate, known
}

func drawLink(a canvas.Area, v View, from, to string) {
	line, st, rtt := linkLook(v, from, to)
	if rtt == format.None {
		return
	}
	a.Center(0, 1, a.W, style.Text, rtt)
	a.HLine(0, 2, a.W, st, line)
	if linkCut(v.State, from, to) {
		a.Center(0, 3, a.W, style.Danger, "cut")
		return
	}
	if rate, known := linkRate(v.State, from, to); known {
		text := format.Rate(rate)
		if canvas.Width(text) >= a.W {
			text = format.RoughRate(rate)
		}
		a.Center(0, 3, a.W, style.Label, text)
	}
}

func drawDetour(a canvas.Area, v View, from, to, y int, one, two string) {
	line, st, rtt := linkLook(v, one, two)
	a.HLine(from+1, y, to-from-1, st, line)
	a.Text(from, y, st, "╰")
	a.Text(to, y, st, "╯")
	text := rtt
	if linkCut(v.State, one, two) {
		text += " · cut"
	} else if rate, known := linkRate(v.State, one, two); known {
		text += " · " + fmt.Sprintf("%10s", format.Rate(rate))
	}
	a.Center(from, y, to-from+1, style.Text, " "+text+" ")
}

// rejoining finds the rejoin of a region that is under way.
func rejoining(s *drill.State, dataset, region string) *drill.Rejoin {
	for _, r := range slices.Backward(s.Rejoins) {
		if r.Dataset == dataset && r.Region == region && r.Done == nil {
			return r
		}
	}
	return nil
}

// stale says that what is known of a replica is from before.
func stale(sample *drill.StoreSample) bool { return sample == nil || sample.Stale }

// lagText is what a follower lacks, in writes.
func lagText(sample *drill.StoreSample) string {
	if sample.LagWrites == nil {
		return format.Unknown
	}
	return format.Plural(int(*sample.LagWrites), "write", "writes")
}

func ageOf(v View, t time.Duration) string { return format.Age(v.Now - t) }
