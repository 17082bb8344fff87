package page

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// impactWidth is kept for the number of affected users, always at the same place.
const impactWidth = 40

// drawHeader draws who is affected, which drill this is, and its clock: in one or two
// rows, or in layout.HeaderHeight with big digits.
func drawHeader(a canvas.Area, v pane.View) {
	impactX := max(a.W-impactWidth, a.W*5/9)
	if a.H < layout.HeaderHeight || v.Theme.ASCII {
		impactX = max(a.W-32, a.W/2)
		drawImpactLine(a.Sub(impactX, 0, a.W-impactX-1, a.H), v)
	} else {
		drawImpactLarge(a.Sub(impactX, 0, a.W-impactX-1, a.H), v)
	}
	s := v.State
	x := a.Text(1, 0, style.Brand, "fleetdrill")
	clock := format.When(s, v.Now)
	if x+canvas.Width("  "+s.Fleet.Name+" on "+s.On+"  "+clock)+3 > impactX {
		clock = format.ShortWhen(s, v.Now)
	}
	clockX := a.Right(impactX-3, 0, style.Strong, clock)
	a.Line(x+2, 0, clockX-2, canvas.S(style.Strong, s.Fleet.Name), canvas.S(style.Label, " on "), canvas.S(style.Text, s.On))
	a.Line(1, 1, impactX-3, canvas.S(style.Text, drillName(s)), canvas.S(style.Label, "  "+stepNow(v)))
	if a.H >= layout.HeaderHeight && s.Plan != nil {
		a.Fit(1, 2, impactX-4, style.Label, s.Plan.Title)
	}
}

// drillName is the drill, as short as it can be said.
func drillName(s *drill.State) string {
	if s.Plan == nil {
		return "drill by hand"
	}
	return s.Plan.Name
}

// stepNow is the phase, and the step that runs or comes next.
func stepNow(v pane.View) string {
	s := v.State
	if s.Phase != drill.PhaseRunning || s.Plan == nil || len(s.Plan.Steps) == 0 {
		return string(s.Phase)
	}
	if s.Step < 0 {
		return untilStep(v, 0)
	}
	text := fmt.Sprintf("step %d/%d  %s", s.Step+1, len(s.Plan.Steps), s.Plan.Steps[min(s.Step, len(s.Plan.Steps)-1)].Command)
	if next := s.Step + 1; next < len(s.Plan.Steps) {
		text += "   " + untilStep(v, next)
	} else if left := s.Plan.End - v.Elapsed(v.Now); left > 0 {
		text += "   ends in " + format.Age(left+time.Second)
	}
	return text
}

func untilStep(v pane.View, i int) string {
	step := v.State.Plan.Steps[i]
	left := step.At - v.Elapsed(v.Now)
	if left <= 0 {
		return fmt.Sprintf("next: %s", step.Command)
	}
	return fmt.Sprintf("in %s: %s", format.Age(left+time.Second), step.Command)
}

// impactNow is the one number: users affected now, of those who asked.
func impactNow(v pane.View) (share, of string, st style.Style) {
	h := measure.AffectedNow(v.State)
	switch {
	case !h.Known:
		return format.None, "nobody asked yet", style.Label
	case h.Affected == 0:
		return "0 %", "nobody of " + format.Count(h.Asked) + " asking", style.FineBold
	}
	return format.Percent(h.Share), format.Count(h.Affected) + " of " + format.Count(h.Asked) + " asking", style.DangerBold
}

func drawImpactLine(a canvas.Area, v pane.View) {
	share, of, st := impactNow(v)
	label := style.Label
	if st == style.DangerBold {
		st, label = style.Alarm, style.DangerBold
	}
	x := a.Text(0, 0, label, "HURT NOW ")
	a.Right(x+8, 0, st, " "+share+" ")
	if a.H > 1 {
		a.Fit(0, 1, a.W, style.Label, of)
		return
	}
	a.Fit(x+9, 0, a.W-x-9, style.Label, of)
}

func drawImpactLarge(a canvas.Area, v pane.View) {
	share, of, st := impactNow(v)
	label := style.Label
	if st == style.DangerBold {
		label = style.DangerBold
	}
	a.Text(0, 0, label, "HURT NOW")
	a.Fit(0, 1, 21, style.Text, of)
	a.Fit(0, 2, 21, style.Label, affectedEver(v))
	if !chart.Digits(a, a.W, 0, st, shortShare(share)) {
		a.Right(a.W, 1, st, share)
	}
}

// shortShare leaves out what big digits have no room for.
func shortShare(share string) string {
	if share == format.None {
		return format.None
	}
	return share[:len(share)-2] + "%"
}

func affectedEver(v pane.View) string {
	h := measure.BlastRadius(v.State)
	if !h.Known || len(v.State.Faults) == 0 {
		return ""
	}
	return "worst fault " + format.Percent(h.Share)
}
