package pane

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane/links"
)

func drawLinks(a canvas.Area, v View) { links.Draw(a, v.hinted(Links), v.from(Links)) }

// LinkEnds is where links come from, and where they go to, in the order of the matrix of all.
func LinkEnds(s *drill.State) (from, to []string) { return links.Ends(s) }

// DrawMatrix draws every link with a frame, and below it what there is to say of one.
func DrawMatrix(a canvas.Area, v View, link [2]string) {
	inside := a.Box(v.Frame(true), "Links, from → to", "round trips simulated → measured").Inset(1, 0)
	if inside.W > 0 && inside.H > 0 {
		links.Matrix(inside, v.Scene, link)
	}
}
