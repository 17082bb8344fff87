package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/estimate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// impactWidth is kept for the number of users who are failing, always at the same place;
// lineWidth where there is no room for big digits.
const impactWidth, lineWidth = 41, 32

// drawHeader draws who is affected, which drill this is, and its clock: in one or two
// rows, or in layout.HeaderHeight with big digits.
func drawHeader(a canvas.Area, v pane.View) {
	impactX := max(a.W-impactWidth, a.W*5/9)
	large := a.H >= layout.HeaderHeight && !v.Theme.ASCII
	if !large {
		impactX = max(a.W-lineWidth, a.W/2)
	}
	drawImpact(a.Sub(impactX, 0, a.W-impactX-1, a.H), v, large)
	left := a.Sub(1, 0, impactX-3, a.H)
	drawWhere(left, v)
	left.Line(0, 1, left.W, canvas.S(style.Text, DrillName(v.State)+"  "), canvas.S(style.Label, show.Longest(left.W-canvas.Width(DrillName(v.State))-2, stepNow(v))))
	if a.H < layout.HeaderHeight {
		return
	}
	if ever := affectedEver(v.State); ever != "" {
		left.Fit(0, 2, left.W, style.Text, ever)
	} else if v.State.Plan != nil {
		left.Fit(0, 2, left.W, style.Label, v.State.Plan.Title)
	}
}

// drawWhere draws the fleet and its platform, and when it is; the program's name gives way
// first.
func drawWhere(row canvas.Area, v pane.View) {
	s := v.State
	fleet := canvas.Width(FleetOn(s))
	when := format.When(s, v.Now)
	if canvas.Width(when) > row.W-fleet-2 { // it is the fleet's name that is cut where neither has room
		when = format.ShortWhen(s, v.Now)
	}
	x := 0
	if brand := "fleetdrill  "; canvas.Width(brand)+fleet+2+canvas.Width(when) <= row.W {
		x = row.Text(0, 0, style.Brand, brand)
	}
	right := row.Right(row.W, 0, style.Strong, when)
	row.Line(x, 0, right-2, canvas.S(style.Strong, s.Fleet.Name), canvas.S(style.Label, " on "), canvas.S(style.Text, s.On))
}

// DrillName is the drill, as short as it can be said.
func DrillName(s *drill.State) string {
	if s.Plan == nil {
		return format.FreeDrill
	}
	return s.Plan.Name
}

// stepNow is the phase, and the step that runs or comes next, the longest way to say it first.
func stepNow(v pane.View) []string {
	s := v.State
	switch {
	case s.Phase == drill.PhaseSteady:
		left, about := -v.Elapsed(v.Now), ""
		if w, is := estimate.WarmUp(s); is {
			if e, known := estimate.Of(s, w); known && e.Left(w.Ran(v.Now)) > left {
				left, about = e.Left(w.Ran(v.Now)), "~" // it took longer than planned the last time
			}
		}
		if left <= 0 {
			return []string{format.Phase(s.Phase) + " it takes longer than planned", "warm-up, longer than planned", "warm-up"}
		}
		age := about + format.Age(upTo(left)) + " left"
		return []string{format.Phase(s.Phase) + " " + age, "warm-up: normal? " + age, "warm-up, " + age}
	case s.Phase == drill.PhaseFinal:
		return []string{format.Phase(s.Phase) + lastCheck(v, ", "), "last check" + lastCheck(v, ", ")}
	case s.Phase != drill.PhaseRunning:
		return []string{format.Phase(s.Phase)}
	case s.Plan == nil || len(s.Plan.Steps) == 0:
		return []string{"you decide what happens", ""}
	case s.Step < 0:
		return untilStep(v, "", 0)
	}
	at := fmt.Sprintf("step %d of %d", s.Step+1, len(s.Plan.Steps))
	now := fmt.Sprintf("%s: %s", at, s.Plan.Steps[min(s.Step, len(s.Plan.Steps)-1)].Command)
	if next := s.Step + 1; next < len(s.Plan.Steps) {
		all := untilStep(v, at+", ", next)
		return append([]string{now + ", " + untilStep(v, "", next)[0], all[0], now}, all[1:]...)
	}
	if left := s.Plan.End - v.Elapsed(v.Now); left > 0 {
		ends := "ends in " + format.Age(upTo(left))
		return []string{now + ", " + ends, at + ", " + ends, at}
	}
	return []string{now, at}
}

// lastCheck is about how long the check after the last step takes yet, behind what leads to it; "" where that is not
// known.
func lastCheck(v pane.View, lead string) string {
	if w, is := estimate.LastCheck(v.State); is {
		if e, known := estimate.Of(v.State, w); known && e.Left(w.Ran(v.Now)) > 0 {
			return lead + "~" + format.Age(upTo(e.Left(w.Ran(v.Now)))) + " left"
		}
	}
	return ""
}

// untilStep is when a step comes, behind what is said before it.
func untilStep(v pane.View, before string, i int) []string {
	step := v.State.Plan.Steps[i]
	left := step.At - v.Elapsed(v.Now)
	if left <= 0 {
		return []string{fmt.Sprintf("%snext: %s", before, step.Command), strings.TrimSuffix(before, ", ")}
	}
	in := format.Age(upTo(left))
	return []string{fmt.Sprintf("%sin %s: %s", before, in, step.Command), before + "next in " + in, strings.TrimSuffix(before, ", ")}
}

// impact is the one number: the users who are failing now, of those who asked.
type impact struct {
	share string
	count string // how many of how many
	known bool   // somebody asked
	hurts bool   // some are failing
	st    style.Style
}

// lately is how far back the users reach who are counted now.
func lately() string { return "in the last " + format.Age(telemetry.AffectedWindow) }

func impactNow(s *drill.State) impact {
	h := measure.AffectedNow(s)
	count := fmt.Sprintf("%s of %s", format.Count(h.Affected), format.Count(h.Asked))
	switch {
	case !h.Known:
		return impact{share: format.None, count: "nobody", st: style.Label}
	case h.Affected == 0:
		return impact{share: "0 %", count: count, known: true, st: style.FineBold}
	}
	return impact{share: format.Percent(h.Share), count: count, known: true, hurts: true, st: style.DangerBold}
}

const impactLabel = "USERS FAILING NOW"

// besideDigits is the columns left of the largest share that is drawn large.
const besideDigits = 23

// drawImpact draws the number: in a row or two, or large, with whom it is of beside it.
func drawImpact(a canvas.Area, v pane.View, large bool) {
	now := impactNow(v.State)
	label := style.Label
	if now.hurts {
		label = style.DangerBold
	}
	x := a.Text(0, 0, label, impactLabel+" ")
	if large && chart.Digits(a, a.W, 0, now.st, shortShare(now.share)) {
		who, when := now.count+" who asked", lately()
		if canvas.Width(who) > besideDigits {
			who, when = now.count, "asked "+lately()
		}
		a.Text(0, 1, style.Text, who)
		a.Text(0, 2, style.Label, when)
		return
	}
	if now.hurts {
		now.st = style.Alarm
	}
	a.Right(x+8, 0, now.st, " "+now.share+" ")
	who := now.count + " who asked"
	a.Text(0, 1, style.Label, show.Longest(a.W, []string{who + " " + lately(), who + ", last " + format.Age(telemetry.AffectedWindow), who}))
}

// shortShare leaves out what big digits have no room for.
func shortShare(share string) string {
	if share == format.None {
		return format.None
	}
	return share[:len(share)-2] + "%"
}

// affectedEver is the users affected since the first fault; "" before one.
func affectedEver(s *drill.State) string {
	h := measure.AffectedEver(s)
	if !h.Known || len(s.Faults) == 0 {
		return ""
	}
	return fmt.Sprintf("since the first fault: %s, %s of those who asked", format.Plural(h.Affected, "person", "people"), format.Percent(h.Share))
}

// upTo is a time that is left, in whole seconds, which are over when it is.
func upTo(left time.Duration) time.Duration {
	return (left + time.Second - 1).Truncate(time.Second)
}
