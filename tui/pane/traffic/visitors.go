package traffic

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// visitorRows is how many populations are shown as whose users people ask, where a pane does not have all the room of a screen
// (from tallRoom rows on).
const visitorRows, tallRoom = 2, 28

// drawVisitors draws at the bottom how people are served who ask as users, who asked last the lowest, or before anybody does,
// where to: a row each where that leaves the populations their table. The rest of the area is what is left for others.
func drawVisitors(a canvas.Area, s *drill.State) canvas.Area {
	room := a.H - askRoom - len(s.Populations)
	if len(s.Visitors) == 0 {
		if hint := "ask as a user: " + s.VisitorURL; s.VisitorURL != "" && room >= 0 && canvas.Width(hint) <= a.W && s.Verdict == "" {
			a.Text(0, a.H-1, style.Label, hint)
			return a.Rows(0, a.H-1)
		}
		return a
	}
	shown := s.Visitors
	if a.H < tallRoom {
		shown = shown[max(0, len(shown)-visitorRows):]
	}
	for _, v := range slices.Backward(shown) {
		if a.H <= tableRoom+len(s.Populations) {
			break
		}
		x := a.Text(0, a.H-1, style.Strong, "you, as "+v.Population)
		x = a.Text(x+2, a.H-1, style.Text, format.Visited(*v))
		st := style.Fine
		if v.LastFailure != "" {
			st = style.DangerBold
		}
		a.Fit(x+2, a.H-1, a.W-x-2, st, format.VisitorNow(*v))
		a = a.Rows(0, a.H-1)
	}
	return a
}
