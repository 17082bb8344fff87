package pane

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// Result draws what a drill found: its verdict, its objectives, each failover
// with its stages, and where the journal is. What has no room is scrolled to;
// below is how many rows that can go.
func Result(a canvas.Area, v View, journal string) (below int) {
	x := a.Text(1, 0, theme.Brand, "fleetdrill")
	a.Line(x+2, 0, a.W-1, canvas.S(theme.Strong, what(v.State)), canvas.S(theme.Label, " "+fleetOn(v.State)))
	body := a.Rows(2, a.H-2)
	if journal != "" {
		a.Line(1, a.H-1, a.W-1, canvas.S(theme.Label, "journal  "), canvas.S(theme.Text, journal))
		body.H--
	}
	// Blank rows are for where they push nothing off.
	gap := 1
	if a.H < 30 {
		gap = 0
	}
	found, rows := tallFindings(a.W, v, gap, false)
	if rows > body.H {
		found, rows = tallFindings(a.W, v, gap, true)
	}
	below = max(rows-body.H, 0)
	from := min(max(v.Scroll, 0), below)
	body.Copy(found.All().Rows(from, body.H))
	if below > 0 {
		a.Right(a.W-1, 0, theme.Label, fmt.Sprintf(" rows %d – %d of %d", from+1, from+body.H, rows))
	}
	return below
}

// tallFindings draws all below the title on a canvas as high as that takes, and
// returns with it the rows that are used.
func tallFindings(w int, v View, gap int, long bool) (*canvas.Canvas, int) {
	for h := 64; ; h *= 2 {
		c := canvas.New(w, h)
		rows := drawFound(c.All(), v, gap, long)
		if rows < h || h > maxFound { // else something may have stopped at the end
			return c, min(rows, h)
		}
	}
}

// maxFound bounds the canvas where a drill by hand went wrong without end.
const maxFound = 4000

// drawFound draws everything that a drill found; it returns the rows used. Where
// that is long, what is told of failovers in words comes before it is drawn.
func drawFound(a canvas.Area, v View, gap int, long bool) int {
	s := v.State
	glyph, word, st := verdictSign(s.Verdict, v.Theme.Glyphs)
	x := a.Text(1, 0, st, fmt.Sprintf(" %s %s ", glyph, word))
	y := 0
	for _, l := range canvas.Wrap(s.Why, a.W-x-3) {
		a.Text(x+2, y, theme.Text, l)
		y++
	}
	y = max(y, 1) + 1
	if s.Plan != nil && s.Plan.Hypothesis != "" {
		for _, l := range canvas.Wrap(s.Plan.Hypothesis, a.W-2) {
			a.Text(1, y, theme.Label, l)
			y++
		}
		y++
	}
	y += drawTroubles(a.Sub(1, y, a.W-2, a.H-y), v)
	if n := drawStrategies(a.Sub(1, y, a.W-2, a.H-y), v); n > 0 {
		y += n + gap
	}
	body := a.Sub(1, y, a.W-2, a.H-y)
	compare := CompareHeight(v)
	if body.W >= 96 {
		left := body.W/2 - 2
		used := drawFindings(body.Sub(0, 0, left, body.H), v, gap)
		if compare > 0 {
			drawCompare(body.Sub(0, used, min(left, 56), compare), v)
			used += compare
		}
		return y + max(used, drawFailovers(body.Sub(left+4, 0, body.W-left-4, body.H), v))
	}
	used := drawFindings(body, v, gap)
	if long {
		for _, f := range failoversOf(v) {
			used += drawFailoverShort(body.Rows(used, body.H-used), f)
		}
	}
	used += drawFailovers(body.Rows(used, body.H-used), v)
	if compare > 0 {
		drawCompare(body.Rows(used, compare), v)
		used += compare
	}
	return y + used
}

func verdictSign(verdict drill.Verdict, g theme.Glyphs) (glyph, word string, st theme.Style) {
	switch verdict {
	case drill.Passed:
		return g.Done, "passed", theme.Style{Ink: theme.Good, Bold: true, Reverse: true}
	case drill.Failed:
		return g.Failed, "failed", theme.Alarm
	case drill.Aborted:
		return g.Failed, "aborted", theme.Alarm
	case drill.Inconclusive:
		return "?", "inconclusive", theme.Style{Ink: theme.Warn, Bold: true, Reverse: true}
	}
	return "?", "not judged", theme.Style{Ink: theme.Warn, Bold: true, Reverse: true}
}

// drawFindings draws objectives and totals, with gap rows between them; it returns
// the rows that it took.
func drawFindings(a canvas.Area, v View, gap int) int {
	y := 0
	if len(v.State.Objectives) > 0 {
		goal, measured := 32, 46
		a.Text(0, y, theme.Title, "objective")
		a.Right(goal, y, theme.Title, "goal")
		a.Right(measured, y, theme.Title, "measured")
		y++
		for _, o := range v.State.Objectives {
			drawObjective(a, v, o, y, goal, measured)
			y++
		}
		y += gap
	}
	requests, failed := 0, 0
	for _, p := range v.State.Populations {
		if p.Last != nil {
			requests, failed = requests+p.Last.TotalRequests, failed+p.Last.TotalFailed
		}
	}
	x := a.Text(0, y, theme.Label, "requests  ")
	a.Line(x, y, a.W, canvas.S(theme.Text, Count(requests)), canvas.S(theme.Label, ", failed "), canvas.S(theme.Text, Count(failed)))
	y++
	if h := measure.BlastRadius(v.State); h.Known {
		x = a.Text(0, y, theme.Label, "hurt      ")
		a.Line(x, y, a.W, canvas.S(theme.Text, Percent(h.Share)), canvas.S(theme.Label, fmt.Sprintf(" of the %s users who asked", Count(h.Asked))))
		y++
	}
	return y + drawDataFound(a.Rows(y, a.H-y), v) + 1
}

// drawDataFound is what became of the data: each split brain, then what was lost and
// who came back. Of several datasets the table above has the lost ones, so only
// the one in focus is told of here.
func drawDataFound(a canvas.Area, v View) int {
	y := 0
	several := len(v.State.Datasets) > 1
	named := func(d *drill.DatasetState) (x int) {
		if several {
			x = a.Text(0, y, theme.Text, d.Name) + 1
		}
		return x
	}
	for _, d := range v.State.Datasets {
		for _, b := range d.Splits {
			drawSplit(a, named(d), y, b)
			y++
		}
	}
	d := v.dataset()
	if d == nil {
		return y
	}
	x := named(d)
	drawLost(a.Sub(x, y, a.W-x, 1), v, d, 0)
	return y + 1 + drawReturns(a, v, d, y+1)
}

func drawObjective(a canvas.Area, v View, o drill.ObjectiveJudged, y, goal, measured int) {
	sign, st, word := "?", theme.CautBold, "not measured"
	if o.Met != nil {
		sign, st, word = v.Theme.Glyphs.Failed, theme.HarmBold, "missed"
		if *o.Met {
			sign, st, word = v.Theme.Glyphs.Done, theme.FineBold, "met"
		}
	}
	a.Fit(0, y, 20, theme.Text, verdict.Label(o.Name))
	target := objectiveValue(o.Name, &o.Target)
	if o.AtLeast {
		target = "≥ " + target
	}
	a.Right(goal, y, theme.Text, target)
	a.Right(measured, y, theme.Strong, objectiveValue(o.Name, o.Measured))
	a.Text(measured+2, y, st, sign+" "+word)
}

// objectiveValue writes a number in the unit that its objective's name implies.
func objectiveValue(name string, n *float64) string {
	if n == nil {
		return none
	}
	return verdict.Brief(name, *n)
}

func failoversOf(v View) []*drill.Failover {
	return focusedFirst(v, v.State.Failovers, func(f *drill.Failover) string { return f.Dataset })
}

// drawFailovers draws the failovers with their stages, those of the dataset in focus
// before the others, the first first, and then the switchovers; it returns the rows.
func drawFailovers(a canvas.Area, v View) int {
	y := 0
	stages := len(drill.FailoverStages) + 2
	for _, f := range failoversOf(v) {
		a.Line(0, y, a.W, canvas.S(theme.Title, "failover of "+f.Dataset), canvas.S(theme.Label, fmt.Sprintf("  %s → %s  epoch %d", f.From, f.To, f.Epoch)))
		Waterfall(a.Rows(y+1, stages), v, f)
		y += stages + 2
	}
	for _, m := range focusedFirst(v, v.State.Moves, func(m drill.Switchover) string { return m.Dataset }) {
		a.Line(0, y, a.W, canvas.S(theme.Title, "switchover of "+m.Dataset), canvas.S(theme.Label, fmt.Sprintf("  %s → %s", m.From, m.To)))
		drawMove(a.Rows(y+1, 4), v, m.SwitchoverDone)
		y += 6
	}
	return y
}

// focusedFirst is a list with what is of the dataset in focus before the rest.
func focusedFirst[T any](v View, list []T, dataset func(T) string) []T {
	var own, rest []T
	for _, e := range list {
		if d := v.dataset(); d != nil && dataset(e) == d.Name {
			own = append(own, e)
		} else {
			rest = append(rest, e)
		}
	}
	return append(own, rest...)
}

// drawFailoverShort says in lines what is drawn further below; it returns how many
// it took.
func drawFailoverShort(a canvas.Area, f *drill.Failover) int {
	text := fmt.Sprintf("failover of %s from %s", f.Dataset, f.From)
	if f.To != "" {
		text += " to " + f.To
	}
	sep := ": "
	for _, stage := range drill.FailoverStages {
		if took, ok := f.Took(stage); ok {
			text += sep + string(stage) + " " + Span(took)
			sep = " · "
		}
	}
	if rto, ok := f.RTO(); ok {
		text += ", first write after " + Span(rto)
	}
	lines := canvas.Wrap(text, a.W)
	for y, l := range lines {
		a.Text(0, y, theme.Text, l)
	}
	return len(lines) + 1
}

// drawTroubles lists what went wrong beside the drill itself, with what to do.
func drawTroubles(a canvas.Area, v View) int {
	y := 0
	for _, f := range v.State.Failures {
		a.Line(0, y, a.W, canvas.S(theme.HarmBold, v.Theme.Glyphs.Failed+" "+f.Task+": "), canvas.S(theme.Text, f.Error))
		y++
		if f.Next != "" {
			a.Fit(2, y, a.W-2, theme.Caution, f.Next)
			y++
		}
	}
	for _, r := range v.State.Regions {
		for _, st := range r.Stages {
			if st.Status == drill.StageFailed {
				a.Line(0, y, a.W, canvas.S(theme.HarmBold, v.Theme.Glyphs.Failed+" "+r.Spec.Name+", "+st.Stage+": "), canvas.S(theme.Text, st.Detail))
				y++
			}
		}
	}
	if y > 0 {
		y++
	}
	return y
}
