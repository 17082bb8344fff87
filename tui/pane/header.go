package pane

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// HeaderHeight is the rows of the header where there is room for big digits.
const HeaderHeight = canvas.BigHeight

// harmWidth is kept for the number of hurt users, always at the same place.
const harmWidth = 40

// Header draws who is hurt, which drill this is, and its clock: in one or two
// rows, or in HeaderHeight with big digits.
func Header(a canvas.Area, v View) {
	harmX := max(a.W-harmWidth, a.W*5/9)
	if a.H < HeaderHeight || v.Theme.ASCII {
		harmX = max(a.W-32, a.W/2)
		drawHarmLine(a.Sub(harmX, 0, a.W-harmX-1, a.H), v)
	} else {
		drawHarmBig(a.Sub(harmX, 0, a.W-harmX-1, a.H), v)
	}
	s := v.State
	clock := "T+" + Clock(v.Elapsed(v.Now))
	if e := v.Elapsed(v.Now); e < 0 {
		clock = "T" + Clock(e)
	}
	clockX := a.Right(harmX-3, 0, theme.Strong, clock)
	x := a.Text(1, 0, theme.Brand, "fleetdrill")
	a.Line(x+2, 0, clockX-2, canvas.S(theme.Strong, s.Fleet.Name), canvas.S(theme.Label, " on "), canvas.S(theme.Text, s.On))
	a.Line(1, 1, harmX-3, canvas.S(theme.Text, what(s)), canvas.S(theme.Label, "  "+stepNow(v)))
	if a.H >= HeaderHeight && s.Plan != nil {
		a.Fit(1, 2, harmX-4, theme.Label, s.Plan.Title)
	}
}

// what is the drill, as short as it can be said.
func what(s *drill.State) string {
	if s.Plan == nil {
		return "drill by hand"
	}
	return s.Plan.Name
}

// stepNow is the phase, and the step that runs or comes next.
func stepNow(v View) string {
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
		text += "   ends in " + Age(left+time.Second)
	}
	return text
}

func untilStep(v View, i int) string {
	step := v.State.Plan.Steps[i]
	left := step.At - v.Elapsed(v.Now)
	if left <= 0 {
		return fmt.Sprintf("next: %s", step.Command)
	}
	return fmt.Sprintf("in %s: %s", Age(left+time.Second), step.Command)
}

// harm is the one number: users hurt now, of those who asked.
func harm(v View) (share, of string, st theme.Style) {
	h := measure.AffectedNow(v.State)
	switch {
	case !h.Known:
		return none, "nobody asked yet", theme.Label
	case h.Affected == 0:
		return "0 %", "nobody of " + Count(h.Asked) + " asking", theme.FineBold
	}
	return Percent(h.Share), Count(h.Affected) + " of " + Count(h.Asked) + " asking", theme.HarmBold
}

func drawHarmLine(a canvas.Area, v View) {
	share, of, st := harm(v)
	label := theme.Label
	if st == theme.HarmBold {
		st, label = theme.Alarm, theme.HarmBold
	}
	x := a.Text(0, 0, label, "HURT NOW ")
	a.Right(x+8, 0, st, " "+share+" ")
	if a.H > 1 {
		a.Fit(0, 1, a.W, theme.Label, of)
		return
	}
	a.Fit(x+9, 0, a.W-x-9, theme.Label, of)
}

func drawHarmBig(a canvas.Area, v View) {
	share, of, st := harm(v)
	label := theme.Label
	if st == theme.HarmBold {
		label = theme.HarmBold
	}
	a.Text(0, 0, label, "HURT NOW")
	a.Fit(0, 1, 21, theme.Text, of)
	a.Fit(0, 2, 21, theme.Label, everHurt(v))
	if !a.Big(a.W, 0, st, shortShare(share)) {
		a.Right(a.W, 1, st, share)
	}
}

// shortShare leaves out what big digits have no room for.
func shortShare(share string) string {
	if share == none {
		return none
	}
	return share[:len(share)-2] + "%"
}

func everHurt(v View) string {
	h := measure.BlastRadius(v.State)
	if !h.Known || len(v.State.Faults) == 0 {
		return ""
	}
	return "in all " + Percent(h.Share) + " so far"
}
