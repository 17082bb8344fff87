package pane

import (
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane/traffic"
)

func drawTraffic(a canvas.Area, v View) { traffic.Draw(a, v.Scene) }
