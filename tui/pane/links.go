package pane

import (
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane/links"
)

func drawLinks(a canvas.Area, v View) { links.Draw(a, v.hinted(Links), v.from(Links)) }
