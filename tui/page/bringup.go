package page

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/estimate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// BringUp draws how far each region is, stage by stage, and something worth
// reading meanwhile.
func BringUp(a canvas.Area, n keys.Now, foot Footer) {
	drawBringUp(a.Rows(0, a.H-layout.FooterHeight), n.View)
	foot.Draw(a.Rows(a.H-layout.FooterHeight, layout.FooterHeight), n)
}

func drawBringUp(a canvas.Area, v pane.View) {
	s := v.State
	x := a.Text(1, 0, style.Brand, "fleetdrill")
	a.Line(x+2, 0, a.W-12, canvas.S(style.Strong, "starts"), canvas.S(style.Label, " "+FleetOn(s)))
	a.Right(a.W-1, 0, style.Strong, format.Clock(v.Now))
	a.Fit(x+2, 1, a.W-x-3, style.Label, fmt.Sprintf("%d of %s ready%s", ready(s), format.Plural(len(s.Regions), "region", "regions"), untilUp(v)))
	left, beside := a.Rows(3, a.H-3), canvas.Area{}
	if a.W >= besideW && len(s.Sent) > 0 {
		left, beside = left.Sub(0, 0, a.W/2, left.H), left.Sub(a.W/2, 0, a.W-a.W/2, left.H)
		pane.Draw(pane.Commands, beside, v)
	}
	y := drawRegions(left, v)
	y += Tip(left.Rows(y, left.H-y), v.Now) + 1
	if beside.W == 0 && left.H-y >= 6 && len(s.Sent) > 0 {
		pane.Draw(pane.Commands, left.Sub(0, y, min(a.W, tipW), left.H-y), v)
	}
}

// besideW is from which width what is sent to clusters stands beside the regions.
const besideW = 150

// drawRegions draws how far the fleet and each region are; it returns the rows.
func drawRegions(a canvas.Area, v pane.View) (y int) {
	s := v.State
	if len(s.Stages) > 0 {
		y += drawStageRows(a.Sub(1, y, a.W-2, a.H-y), v, "", s.Stages)
	}
	each := 3
	if y+len(s.Regions)*each+6 > a.H {
		each = 2
	}
	if y+len(s.Regions)*each > a.H {
		each = 1
	}
	for _, r := range s.Regions {
		if each == 3 {
			drawStageRows(a.Sub(1, y, a.W-2, 3), v, r.Spec.Name, r.Stages)
		} else {
			drawStageBar(a.Sub(1, y, a.W-2, 1), v, r.Spec.Name, r.Stages, "waits")
		}
		y += each
	}
	return y
}

// untilUp is about how long the fleet takes yet, and what the times after ~ are made from; "" where nothing is
// known.
func untilUp(v pane.View) string {
	up := estimate.BringUp(v.State)
	if e, known := estimate.Of(v.State, up); known {
		if left := e.Left(up.Ran(v.Now)); left > 0 {
			return ", ~" + format.Age(upTo(left)) + " left, " + e.From.String()
		}
		return ", longer than the ~" + format.Span(e.Whole) + " of last time"
	}
	return basis(v, 0, ", ~ is ")
}

// basis says of the stages that began from a time on and still run what the times after ~ are made from; "" where
// nothing is estimated.
func basis(v pane.View, from time.Duration, lead string) string {
	for _, span := range v.State.Spans {
		if span.Ended != nil || span.Began < from {
			continue
		}
		if e, known := estimate.Of(v.State, estimate.OfStage(v.State, span)); known {
			return lead + e.From.String()
		}
	}
	return ""
}

// ready is how many regions have done all their stages.
func ready(s *drill.State) (n int) {
	for _, r := range s.Regions {
		if k := len(r.Stages); k > 0 && r.Stages[k-1].Status == drill.StageDone && r.Stages[k-1].Index+1 >= r.Stages[k-1].Of {
			n++
		}
	}
	return n
}

// FleetOn is the fleet and what it runs on, "three-regions on local"; "" where that is not known yet.
func FleetOn(s *drill.State) string {
	if s.Fleet.Name == "" {
		return ""
	}
	return s.Fleet.Name + " on " + s.On
}

// drawStageRows draws a bar and below it what was done; it returns its height.
func drawStageRows(a canvas.Area, v pane.View, region string, stages []drill.StageEntered) int {
	drawStageBar(a, v, region, stages, "waits")
	x := 13
	for i, st := range stages {
		sign, look := v.Theme.Glyphs.Done, style.Label
		switch st.Status {
		case drill.StageFailed:
			sign, look = v.Theme.Glyphs.Failed, style.Danger
		case drill.StageRunning:
			continue
		}
		text := sign + " " + st.Stage
		if span, ok := v.State.StageSpan(region, st.Stage); ok && span.Ended != nil {
			text += " " + format.Span(*span.Ended-span.Began)
		}
		if i < len(stages)-1 {
			text += "  "
		}
		x = a.Fit(x, 1, a.W-x, look, text)
	}
	return 3
}

const stageBarW = 20

func drawStageBar(a canvas.Area, v pane.View, region string, stages []drill.StageEntered, waits string) {
	name := region
	if name == "" {
		name = "fleet"
	}
	a.Fit(0, 0, 12, style.Strong, name)
	w := min(stageBarW, max(a.W/4, 8))
	if len(stages) == 0 {
		chart.Progress(a.Sub(13, 0, w, 1), 0, style.Fine)
		a.Fit(13+w+2, 0, a.W-13-w-2, style.Label, waits)
		return
	}
	last := stages[len(stages)-1]
	for _, st := range stages {
		if st.Status == drill.StageRunning || st.Status == drill.StageFailed {
			last = st
			break
		}
	}
	within, total := stageTimes(v, region, last)
	st := style.Fine
	share, sign, text := stageShare(last, within), v.Spinner(), last.Stage
	textStyle := style.Text
	switch {
	case last.Status == drill.StageFailed:
		st, sign, textStyle = style.Danger, v.Theme.Glyphs.Failed, style.DangerBold
	case last.Status == drill.StageDone && last.Index+1 >= last.Of:
		sign, text = v.Theme.Glyphs.Done, "done"
		textStyle = style.FineBold
	}
	chart.Progress(a.Sub(13, 0, w, 1), share, st)
	x := 13 + w + 2
	x = a.Text(x, 0, st, sign)
	a.Text(x+1, 0, style.Label, fmt.Sprintf("%d/%d", min(last.Index+1, max(last.Of, 1)), max(last.Of, 1)))
	right := a.Right(a.W, 0, style.Label, total)
	detail := last.Detail
	if text == "done" {
		detail = ""
	}
	a.Line(x+6, 0, right-2, canvas.S(textStyle, text), canvas.S(style.Label, "  "+detail))
}

// stageTimes is how far a stage is, from 0 to 1, and how long it runs, in words beside about how long it takes.
func stageTimes(v pane.View, region string, st drill.StageEntered) (within float64, text string) {
	span, ok := v.State.StageSpan(region, st.Stage)
	if !ok {
		return 0, ""
	}
	w := estimate.OfStage(v.State, span)
	ran := w.Ran(v.Now)
	if w.Ended != nil {
		return 0, fmt.Sprintf("%6s", format.Span(ran))
	}
	e, known := estimate.Of(v.State, w)
	if !known {
		return 0, fmt.Sprintf("%6s", format.Age(ran))
	}
	return e.Share(ran), fmt.Sprintf("%16s", e.Beside(ran))
}

// stageShare is how much of all stages is done. A running stage counts by how far it is estimated to
// be, but never as done before it is.
func stageShare(st drill.StageEntered, within float64) float64 {
	if st.Of <= 0 {
		return 0
	}
	if st.Status == drill.StageDone {
		within = 1
	}
	return (float64(st.Index) + within) / float64(st.Of)
}

// tipW is as wide as lines are good to read.
const tipW = 94

// Tip draws something worth reading, in as many rows as it takes; nothing where
// there is no room for all of it. It returns the rows.
func Tip(a canvas.Area, now time.Duration) int {
	t := tipAt(now)
	w := min(a.W, tipW)
	lines := canvas.Wrap(t.text, w-4)
	if a.H < len(lines)+2 {
		return 0
	}
	box := a.Sub(0, 0, w, len(lines)+2).Box(canvas.Frame{Line: style.Frame, Title: style.TitleHot}, t.title, "")
	for i, l := range lines {
		box.Text(1, i, style.Text, l)
	}
	return len(lines) + 2
}

// Leaving is the page that stays until the session has ended.
type Leaving struct {
	Keep  bool          // the fleet is left running
	Since time.Duration // the engine's clock when leaving or tear-down began
}

// Draw draws how far the end of the session is.
func (p Leaving) Draw(a canvas.Area, n keys.Now, foot Footer) {
	title := "stops"
	if p.Keep {
		title = "leaves running"
	}
	drawTearDown(a.Rows(0, a.H-layout.FooterHeight), n.View, title, p.Since)
	if row := a.Rows(a.H-layout.FooterHeight, 1); foot.DrawNotice(row) == 0 {
		foot.DrawTasks(row, n)
	}
	a.Fit(1, a.H-1, a.W-2, style.Label, "ctrl+c leaves at once and leaves the rest to “fleetdrill down”")
}

// drawTearDown draws how far each region is in being taken down, and below it the
// end of the timeline. Stages that began before since are those of bring-up.
func drawTearDown(a canvas.Area, v pane.View, title string, since time.Duration) {
	x := a.Text(1, 0, style.Brand, "fleetdrill")
	a.Line(x+2, 0, a.W-12, canvas.S(style.Strong, title), canvas.S(style.Label, " "+FleetOn(v.State)))
	a.Right(a.W-1, 0, style.Strong, format.Clock(v.Now))
	a.Fit(x+2, 1, a.W-x-3, style.Label, basis(v, since, "~ is "))
	y, waits := 2, "waits"
	if len(v.State.Datasets) > 0 && slices.Contains([]drill.Phase{drill.PhaseSteady, drill.PhaseRunning, drill.PhaseFinal}, v.State.Phase) && v.State.Verdict == "" {
		waits = "waits for the ledger's check" + lastCheck(v, ", ")
	}
	for _, r := range v.State.Regions {
		var stages []drill.StageEntered
		for _, st := range r.Stages {
			if span, ok := v.State.StageSpan(r.Spec.Name, st.Stage); ok && span.Began >= since {
				stages = append(stages, st)
			}
		}
		drawStageBar(a.Sub(1, y, a.W-2, 1), v, r.Spec.Name, stages, waits)
		y++
	}
	if a.H-y-1 >= 4 {
		pane.Draw(pane.Timeline, a.Sub(0, y+1, a.W, a.H-y-1), v)
	}
}
