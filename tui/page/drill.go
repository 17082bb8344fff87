package page

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/fleetmap"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// Drill is the page of a drill that runs: what is in focus, and how it is looked at.
type Drill struct {
	Focus pane.ID
	Full  bool // the focused pane has the whole body
	// Presenter is the five facts for the back row, in place of the panes.
	Presenter bool
	// Matrix is every link of the fleet, in place of the panes, and Cell the one in focus: from, to.
	Matrix  bool
	Cell    [2]string
	Region  string
	Dataset string
	Order   fleetmap.Order
	Among   string // what the table of regions is filtered by
	Filter  string // of the timeline
	Scroll  int
	read    map[measure.IncidentID]bool // incidents that the card does not show any more
}

// Do does what a key asks for that moves about on the page; any other is for nothing here.
func (p *Drill) Do(in keys.Intent, n keys.Now) {
	switch in.Op {
	case keys.MoveRegion:
		p.MoveRegion(n.View, in.By)
	case keys.NextDataset:
		p.NextDataset(n.State)
	case keys.MovePane:
		p.MovePane(n.State, in.By)
	case keys.ShowPane:
		p.Show(in.Pane)
	case keys.FullPane:
		p.Full = !p.Full
	case keys.SortRegions:
		p.Show(pane.Fleet)
		p.Order = p.Order.Next()
	case keys.Present:
		p.Presenter, p.Matrix = !p.Presenter, false
	case keys.Matrix:
		p.Matrix, p.Presenter = !p.Matrix, false
	case keys.Scroll:
		p.ScrollBy(n.State, in.By)
	}
}

// Settle focuses the first region and dataset once there are any.
func (p *Drill) Settle(s *drill.State) {
	if p.Region == "" && len(s.Regions) > 0 {
		p.Region = s.Regions[0].Spec.Name
	}
	if p.Dataset == "" && len(s.Datasets) > 0 {
		p.Dataset = s.Datasets[0].Name
	}
	if p.Cell[0] == "" && len(s.Regions) > 1 {
		p.Cell = [2]string{s.Regions[0].Spec.Name, s.Regions[1].Spec.Name}
	}
}

// MoveRegion selects a region, by how many forward or back as they are shown.
func (p *Drill) MoveRegion(v pane.View, by int) {
	names := v.Regions()
	if len(names) == 0 {
		return
	}
	at := slices.Index(names, p.Region)
	if at < 0 && by > 0 {
		at = -1 // of a region that the filter hides, the next is the first
	}
	p.Region = names[(at+by+len(names))%len(names)]
}

// NextDataset selects the next dataset.
func (p *Drill) NextDataset(s *drill.State) {
	at := slices.IndexFunc(s.Datasets, func(d *drill.DatasetState) bool { return d.Name == p.Dataset })
	p.Dataset = s.Datasets[(at+1)%len(s.Datasets)].Name
}

// Show focuses a pane.
func (p *Drill) Show(id pane.ID) {
	if p.Focus != id {
		p.Scroll = 0
	}
	p.Focus = id
}

// MovePane focuses a pane, one forward or back, that has something to show.
func (p *Drill) MovePane(s *drill.State, by int) {
	n, next := int(pane.Last), p.Focus
	for range n {
		if next = pane.ID((int(next)-1+by+n)%n + 1); next.Off(s) == "" {
			break
		}
	}
	p.Show(next)
}

// configLines is about how many lines the configuration of one region takes where much of it differs.
const configLines = 10

// ScrollBy goes back in the timeline and the commands, or on.
func (p *Drill) ScrollBy(s *drill.State, n int) {
	most := max(len(pane.TimelineLines(s, p.Filter)), len(s.Sent), 2*len(s.Links), configLines*len(s.Regions))
	if p.Focus.FromTop() {
		n = -n
	}
	p.Scroll = min(max(p.Scroll+n, 0), most)
}

// Find filters what has the focus: the table of regions, else the timeline.
func (p *Drill) Find(text string) {
	if p.Focus == pane.Fleet {
		p.Among = text
		return
	}
	p.Filter, p.Scroll = text, 0
}

// Back undoes one thing at a time.
func (p *Drill) Back(s *drill.State) {
	switch _, unread := p.unread(s); {
	case p.Matrix:
		p.Matrix = false
	case p.Presenter: // which hides the card
		p.Presenter = false
	case unread > 0:
		p.Read(s)
	case p.Scroll > 0:
		p.Scroll = 0
	case p.Among != "" && p.Focus == pane.Fleet:
		p.Among = ""
	case p.Filter != "":
		p.Filter = ""
	case p.Full:
		p.Full = false
	default:
		p.Focus = pane.Fleet
	}
}

// wheelLines is how far a notch of the wheel goes, as in other programs of the terminal.
const wheelLines = 3

// Mouse takes what was done with the mouse on a page of w × h; false where that is for nothing.
func (p *Drill) Mouse(m keys.Mouse, _ keys.Now, _, _ int) (keys.Intent, bool) {
	on, _ := m.On.(pane.Target)
	switch {
	case m.Did == keys.Wheeled && (on.Pane == pane.Timeline || on.Pane == pane.Commands):
		return keys.Intent{Op: keys.Scroll, By: wheelLines * m.By}, true
	case m.Did == keys.Wheeled && on.Pane.FromTop():
		p.Show(on.Pane)
		return keys.Intent{Op: keys.Scroll, By: wheelLines * m.By}, true
	case m.Did == keys.Clicked && on.Pane != 0:
		p.Show(on.Pane)
		if on.Region != "" {
			p.Region = on.Region
		}
	}
	return keys.Intent{}, false
}

// Draw draws the page.
func (p Drill) Draw(a canvas.Area, n keys.Now, foot Footer) {
	if p.Matrix {
		drawMatrix(a, n, foot)
		return
	}
	if p.Presenter {
		drawPresenter(a.Rows(0, a.H-layout.FooterHeight), n)
		foot.Draw(a.Rows(a.H-layout.FooterHeight, layout.FooterHeight), n)
		return
	}
	drawHeader(a.Rows(0, layout.Header(a.W, a.H)), n.View)
	card, below := card{}, 0
	if c, shown := p.cardOf(n.State, a.W); shown { // the panes make room for it: none loses its newest line to it
		card, below, n.Told = c, min(c.height(), layout.Below(a.W, a.H)), true
	}
	for _, at := range layout.Place(n.State, a.W, a.H, below, p.Focus, p.Full) {
		area := a.Sub(at.X, at.Y, at.W, at.H)
		pane.Draw(at.ID, area, n.View)
	}
	if below > 0 {
		card.draw(a.Rows(a.H-layout.FooterHeight-below, below))
	}
	foot.Draw(a.Rows(a.H-layout.FooterHeight, layout.FooterHeight), n)
}
