package page

import (
	"fmt"
	"maps"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// unread is the newest incident that has run its course and was not read, and how many there are.
func (p Drill) unread(s *drill.State) (last measure.Incident, n int) {
	for _, i := range measure.Incidents(s) {
		if i.Over && !p.read[i.ID()] {
			last, n = i, n+1
		}
	}
	return last, n
}

// Read takes all incidents that have run their course as read.
func (p *Drill) Read(s *drill.State) {
	read := maps.Clone(p.read) // a copy of the page may be gone back to
	if read == nil {
		read = map[measure.IncidentID]bool{}
	}
	for _, i := range measure.Incidents(s) {
		if i.Over {
			read[i.ID()] = true
		}
	}
	p.read = read
}

// besideText is from which width of a text on the two sentences stand side by side: a line that is longer than
// twice this is not read with ease.
const besideText = 70

// card is what just happened in two texts, in lines that fit the width that they are made for.
type card struct {
	happened, cost []string
	beside         bool
	note           string
}

// cardOf is the newest incident that was not read, on a screen of w columns; false where there is none, or where
// the facts for the back row are shown in its stead.
func (p Drill) cardOf(s *drill.State, w int) (c card, shown bool) {
	last, n := p.unread(s)
	if n == 0 || p.Presenter {
		return card{}, false
	}
	happened, cost := format.Incident(s, last)
	w -= cardInset
	if c.beside = w >= 2*besideText+cardGap; c.beside {
		w = (w - cardGap) / 2
	}
	c.happened, c.cost, c.note = canvas.Wrap(happened, w), canvas.Wrap(cost, w), "esc closes this"
	if n > 1 {
		c.note += fmt.Sprintf("; %s in the timeline", format.Plural(n-1, "earlier one is", "earlier ones are"))
	}
	return c, true
}

// The columns of a card's frame and margins, those between its texts, and the rows of its frame.
const cardInset, cardGap, cardFrame = 4, 3, 2

// height is the rows of a card.
func (c card) height() int {
	if c.beside {
		return max(len(c.happened), len(c.cost)) + cardFrame
	}
	return len(c.happened) + len(c.cost) + cardFrame
}

// draw draws a card in an area of its own: no key is its own but the one that closes it.
func (c card) draw(a canvas.Area) {
	a.Zone(canvas.Key("esc"))
	in := a.Box(canvas.Frame{Line: style.FrameHot, Title: style.TitleHot, Heavy: true}, "What just happened", c.note).Inset(1, 0)
	for y, l := range c.happened {
		in.Text(0, y, style.Strong, l)
	}
	below := in.Rows(len(c.happened), len(c.cost))
	if c.beside {
		x := (in.W-cardGap)/2 + cardGap
		below = in.Sub(x, 0, in.W-x, in.H)
	}
	for y, l := range c.cost {
		below.Text(0, y, style.Text, l)
	}
}
