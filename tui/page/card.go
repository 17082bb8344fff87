package page

import (
	"fmt"
	"maps"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
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

// cardWidth is as wide as a line is read with ease.
const cardWidth = 96

// drawCard says what just happened at the foot of the body: no key is its own but the one that closes
// it, and header and footer stay as they are.
func (p Drill) drawCard(body canvas.Area, v pane.View) {
	last, n := p.unread(v.State)
	if n == 0 {
		return
	}
	happened, cost := format.Incident(v.State, last)
	w := min(body.W-2, cardWidth)
	first, second := canvas.Wrap(happened, w-4), canvas.Wrap(cost, w-4)
	more := ""
	if n > 1 {
		more = fmt.Sprintf("; %s in the timeline", format.Plural(n-1, "earlier one is", "earlier ones are"))
	}
	h := min(len(first)+len(second)+2, body.H)
	at := body.Sub((body.W-w)/2, body.H-h, w, h)
	body.Sub((body.W-w)/2-1, body.H-h, w+2, h).Clear()
	in := at.Box(canvas.Frame{Line: style.FrameHot, Title: style.TitleHot, Heavy: true}, "What just happened", "esc closes this"+more).Inset(1, 0)
	y := 0
	for _, l := range first {
		in.Text(0, y, style.Strong, l)
		y++
	}
	for _, l := range second {
		in.Text(0, y, style.Text, l)
		y++
	}
}
