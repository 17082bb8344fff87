package chart

import (
	"fmt"
	"math"

	"charm.land/bubbles/v2/progress"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Progress draws how far something is: the bar of bubbles, as wide as the area, and thin so that several below
// each other stay apart.
func Progress(a canvas.Area, share float64, st style.Style) {
	look := a.Look()
	bar := progress.New(progress.WithWidth(a.W), progress.WithoutPercentage(), progress.WithFillCharacters('━', '─'),
		progress.WithColors(look.Lipgloss(st).GetForeground()))
	bar.EmptyColor = look.Lipgloss(style.Frame).GetForeground()
	a.Rows(0, 1).Draw(uv.NewStyledString(bar.ViewAs(clamp(share))))
}

// percentW is the columns of a percentage behind its bar.
const percentW = 6

// Percent draws a bar and its percentage, as wide as the area. It says 100 % only of what is done.
func Percent(a canvas.Area, share float64) {
	if a.W <= percentW {
		return
	}
	Progress(a.Sub(0, 0, a.W-percentW, 1), share, style.Caution)
	a.Right(a.W, 0, style.Text, fmt.Sprintf("%d %%", int(math.Floor(clamp(share)*100))))
}
