package pane

import (
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane/recovery"
)

func recoveryTitle(v View) (string, string) { return recovery.Title(v.Scene) }

func drawRecovery(a canvas.Area, v View) {
	recovery.Draw(a, recovery.Look{Scene: v.Scene, Focused: v.Focus == Recovery, Scroll: v.from(Recovery)})
}
