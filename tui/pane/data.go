package pane

import (
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane/data"
)

func dataTitle(v View) (string, string) { return data.Title(v.Scene) }

func drawData(a canvas.Area, v View) { data.Draw(a, v.hinted(Data)) }
