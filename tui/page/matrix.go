package page

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// MoveCell moves to the link beside the one in focus: up and down to other places that it comes from,
// left and right to others that it goes to. by is which way a key goes that is none of the usual ones.
func (p *Drill) MoveCell(s *drill.State, key string, by int) {
	from, to := pane.LinkEnds(s)
	if len(from) == 0 || len(to) == 0 {
		return
	}
	row, column := slices.Index(from, p.Cell[0]), slices.Index(to, p.Cell[1])
	switch key {
	case "up", "k", "down", "j":
		row = (max(row, 0) + by + len(from)) % len(from)
	default:
		column = (max(column, 0) + by + len(to)) % len(to)
	}
	p.Cell = [2]string{from[max(row, 0)], to[max(column, 0)]}
}

// drawMatrix draws every link of the fleet, and what can be done to the one in focus.
func drawMatrix(a canvas.Area, n keys.Now, foot Footer) {
	header := layout.Header(a.W, a.H)
	drawHeader(a.Rows(0, header), n.View)
	pane.DrawMatrix(a.Rows(header, a.H-header-layout.FooterHeight), n.View, n.Link)
	rows := a.Rows(a.H-layout.FooterHeight, layout.FooterHeight)
	switch foot.DrawNotice(rows) {
	case 0:
		foot.DrawTasks(rows.Rows(0, 1), n)
		fallthrough
	case 1:
		x := 1
		for _, b := range n.Keys {
			if b.Intent.Op == keys.Act && OfLinks(b.Intent.Action) && b.Off(n) == "" {
				x = rows.Line(x, 1, a.W, KeyOf(n, &b, " "+b.Name+"  ")...)
			}
		}
		rest := slices.Concat(KeyOf(n, n.Keys.Op(keys.Matrix), " back  "), KeyOf(n, n.Keys.Op(keys.OpenHelp), " help  "), KeyOf(n, n.Keys.Op(keys.Quit), " quit"))
		rows.Line(max(a.W-1-canvas.SpansWidth(rest), x), 1, a.W, rest...)
	}
}

// OfLinks reports whether an action is about links.
func OfLinks(a action.Action) bool {
	return slices.ContainsFunc(a.Params, func(p param.Param) bool { return p.Kind == param.KindEndpoints })
}
