package pane

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/docs"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

func recoveryTitle(v View) (string, string) {
	d := v.Chosen()
	if d == nil {
		return "Recovery", ""
	}
	if m := lastMove(v.State, d.Name); m != nil {
		return "Switchover of " + d.Name, fmt.Sprintf("%s → %s", m.From, m.To)
	}
	f := lastFailover(v.State, d.Name)
	switch {
	case f == nil && len(v.State.Datasets) == 1:
		return "Recovery", ""
	case f == nil:
		return "Recovery of " + d.Name, ""
	case f.To != "":
		return "Recovery of " + d.Name, fmt.Sprintf("%s → %s", f.From, f.To)
	}
	return "Recovery of " + d.Name, "from " + f.From
}

func lastFailover(s *drill.State, dataset string) *drill.Failover {
	for _, f := range slices.Backward(s.Failovers) {
		if f.Dataset == dataset {
			return f
		}
	}
	return nil
}

// lastMove is a dataset's last switchover, when no failover of it came after:
// each of them takes a higher epoch, and epochs are counted by dataset.
func lastMove(s *drill.State, dataset string) *drill.SwitchoverDone {
	f := lastFailover(s, dataset)
	for i := len(s.Moves) - 1; i >= 0; i-- {
		m := &s.Moves[i].SwitchoverDone
		if m.Dataset != dataset {
			continue
		}
		if f != nil && (f.Epoch == 0 || f.Epoch > m.Epoch) {
			return nil
		}
		return m
	}
	return nil
}

func drawRecovery(a canvas.Area, v View) {
	compare := CompareHeight(v)
	gap := 0
	if compare > 0 {
		gap = 1
	}
	rows := stageRows(v, a.W)
	if rows+gap+compare > a.H {
		rows = stageRows(v, a.W-gutter)
	}
	switch {
	case compare > 0 && a.W >= 72 && !explained(v):
		left := a.W * 9 / 20
		drawScrolled(a.Sub(0, 0, left, a.H), v, rows, drawStages)
		Compare(a.Sub(left+3, 0, a.W-left-3, a.H), v)
	case compare > 0 && a.H >= rows+1+compare:
		drawStages(a.Rows(0, rows), v)
		a.HLine(0, rows+(a.H-rows-compare)/2, a.W, style.Frame, "─")
		Compare(a.Rows(a.H-compare, compare), v)
	case compare > 0:
		drawScrolled(a, v, rows+1+compare, func(all canvas.Area, v View) int {
			now := drawStages(all.Rows(0, rows), v)
			all.HLine(0, rows, all.W, style.Frame, "─")
			Compare(all.Rows(rows+1, compare), v)
			return now
		})
	default:
		drawScrolled(a, v, rows, drawStages)
	}
}

// gutter is the columns for how many rows are above and below those that are shown.
const gutter = 5

// drawScrolled draws what takes so many rows into an area that may have fewer: then it shows those around
// the row that draw returns, where something happens, or those that were scrolled to.
func drawScrolled(a canvas.Area, v View, rows int, draw func(canvas.Area, View) (now int)) {
	if rows <= a.H {
		draw(a, v)
		return
	}
	tall := canvas.New(a.W-gutter, rows, v.Theme)
	top := max(draw(tall.All(), v)-a.H, 0)
	if v.Focus == Recovery && v.Scroll > 0 {
		top = v.Scroll
	}
	top = min(top, rows-a.H)
	a.Copy(tall.All().Rows(top, a.H))
	more := func(y, n int, sign string) {
		if n > 0 {
			a.Right(a.W, y, style.Key, fmt.Sprintf(" %s %d", sign, n))
		}
	}
	more(0, top, "↑")
	more(a.H-1, rows-a.H-top, "↓")
}

// stageRows is the rows of all stages, in w columns with what they mean, of the first write, and of the users'
// recovery.
func stageRows(v View, w int) int {
	rows := len(drill.FailoverStages) + 2
	d := v.Chosen()
	switch {
	case d == nil:
		return rows
	case lastMove(v.State, d.Name) != nil:
		return SwitchoverHeight(*lastMove(v.State, d.Name))
	case explained(v) && lastFailover(v.State, d.Name) != nil:
		for _, stage := range drill.FailoverStages {
			rows += len(meaning(stage, w))
		}
	}
	return rows
}

// explained reports whether what each stage means stands beneath it.
func explained(v View) bool { return v.Focus == Recovery }

// meaning is what a stage means in the glossary's words, up to the first colon, in lines of w columns.
func meaning(stage drill.Stage, w int) []string {
	entry, found := docs.Define(string(stage))
	if !found {
		return nil
	}
	text, _, _ := strings.Cut(entry.Meaning, ":")
	return canvas.Wrap(strings.TrimSuffix(text, "."), w-2)
}

// drawStages draws how the dataset in focus recovered, or how it would. It returns the row below what runs.
func drawStages(a canvas.Area, v View) (now int) {
	if d := v.Chosen(); d != nil {
		if m := lastMove(v.State, d.Name); m != nil {
			Switchover(a, v, *m)
			return 0
		}
		if f := lastFailover(v.State, d.Name); f != nil {
			return drawWaterfall(a, v, f, explained(v))
		}
	}
	drawReady(a, v)
	return 0
}

// drawReady says what will happen, before anything did.
func drawReady(a canvas.Area, v View) {
	p := v.State.Fleet.Failover
	probe := v.State.Fleet.Routing.Probe
	who := "automatic"
	if p.ByOperator() {
		who = "a person decides (P promotes)"
	}
	fence := []string{"old leader is not locked out: split brain is possible", "not locked out: split brain possible", "none: split brain is possible"}
	if lease := format.Span(p.Lease); p.Fence {
		fence = []string{"old leader locked out after " + lease, "old leader out after " + lease}
	}
	ttl := format.Span(v.State.Fleet.Routing.DNSTTL)
	rows := [][2]string{
		{"detect", fmt.Sprintf("%d probes, one every %s", probe.DownAfter, format.Span(probe.Every))},
		{"decide", who},
		{"fence", show.Longest(a.W-stageW, fence)},
		{"users", show.Longest(a.W-stageW, []string{"ask anew where to go after " + ttl, "ask anew after " + ttl})},
	}
	if goal := verdict.RTOGoal(v.State); goal > 0 {
		rows = append(rows, [2]string{"goal", "first write within " + format.Span(goal)})
	}
	a.Text(0, 0, style.Label, show.Longest(a.W, []string{"no failover yet; as the fleet file sets it:", "no failover yet; as the file sets it:"}))
	for i, r := range rows {
		a.Text(0, i+1, style.Label, r[0])
		a.Fit(stageW, i+1, a.W-stageW, style.Text, r[1])
	}
}

// stageW is the columns of a stage's name, and of the time that it took.
const stageW, tookW = 9, 9

// Waterfall draws the stages of a failover one below the other on one scale of
// time, the running one with its clock and what holds it up, then the first write
// against the goal. It returns the row below what runs.
func Waterfall(a canvas.Area, v View, f *drill.Failover) (now int) {
	return drawWaterfall(a, v, f, false)
}

func drawWaterfall(a canvas.Area, v View, f *drill.Failover, explain bool) (now int) {
	start := f.Ends[drill.StageFault]
	running, since := f.Current()
	elapsed := max(v.Now-start, 0)
	if rto, ok := f.RTO(); ok {
		elapsed = rto
	}
	scale := chart.RoundTime(max(elapsed, time.Second))
	share := func(d time.Duration) float64 { return float64(d) / float64(scale) }
	bar := max(a.W-stageW-tookW, 0)
	began := start
	y, now := 0, len(drill.FailoverStages)
	for _, stage := range drill.FailoverStages {
		took, done := f.Took(stage)
		switch {
		case done:
			a.Text(0, y, style.Text, string(stage))
			chart.Gauge(a, stageW, y, bar, share(began-start), share(began-start+took), style.Fine)
			a.Right(a.W, y, style.Text, format.Span(took))
			began += took
		case stage == running && v.State.Verdict == "":
			a.Text(0, y, style.CautBold, string(stage))
			chart.Gauge(a, stageW, y, bar, share(since-start), share(elapsed), style.Caution)
			a.Right(a.W, y, style.CautBold, v.Spinner()+" "+format.Span(max(v.Now-since, 0)))
			for _, l := range blockedLines(v.State, f, stage, a.W, a.H-y-2) {
				y++
				a.Text(0, y, style.CautBold, l)
			}
			now = y + 1
		case y >= a.H-1:
			continue // what holds it up matters more than what would come after
		default:
			a.Text(0, y, style.Label, string(stage))
			a.Right(a.W, y, style.Label, v.Theme.Glyphs.Waiting)
		}
		y++
		if explain {
			for _, l := range meaning(stage, a.W) {
				a.Text(2, y, style.Label, l)
				y++
			}
		}
	}
	drawFirstWrite(a, v, f, y)
	drawRecovered(a, v, f, y+1)
	return now
}

func drawFirstWrite(a canvas.Area, v View, f *drill.Failover, y int) {
	rto, done := f.RTO()
	goal := verdict.RTOGoal(v.State)
	now := max(v.Now-f.Ends[drill.StageFault], 0)
	var spans []canvas.Span
	switch {
	case done && goal == 0: // nothing to hold it against, so no sign
		spans = append(spans, canvas.S(style.Text, format.Span(rto)))
	case done && verdict.KeepsRTO(v.State, rto):
		spans = append(spans, canvas.S(style.FineBold, v.Theme.Glyphs.Done+" "+format.Span(rto)))
	case done:
		spans = append(spans, canvas.S(style.DangerBold, v.Theme.Glyphs.Failed+" "+format.Span(rto)))
	case v.State.Verdict != "": // its clock has stopped, as those of the stages have
		spans = append(spans, canvas.S(style.CautBold, "none until the end"))
	case !verdict.KeepsRTO(v.State, now):
		spans = append(spans, canvas.S(style.DangerBold, "none for "+format.Span(now)))
	default:
		spans = append(spans, canvas.S(style.Caution, "none for "+format.Span(now)))
	}
	x := a.Text(0, y, style.Label, "first write  ")
	x = a.Line(x, y, a.W, spans...)
	if goal > 0 && a.W-x > 11 {
		a.Right(a.W, y, style.Label, "goal "+format.Span(goal))
	}
}

// drawRecovered says when the users were served as before, which is later than the first
// write, and after which fault where that could be another than the one that is meant: users
// may be hurt by a newer one.
func drawRecovered(a canvas.Area, v View, f *drill.Failover, y int) {
	if f.Fault == nil {
		return
	}
	x := a.Text(0, y, style.Label, "all users    ")
	if open := newestOpen(v.State, f.Fault); open != nil {
		a.Line(x, y, a.W, canvas.S(style.CautBold, "hurt by "+faultName(open)), canvas.S(style.Caution, " for "+format.Span(max(v.Now-open.From, 0))))
		return
	}
	for _, r := range v.State.Recoveries {
		if r.Fault == f.Fault.ID {
			x = a.Text(x, y, style.FineBold, v.Theme.Glyphs.Done+" "+format.Span(r.After(f.Fault)))
			whats := []string{" served as before", " served", ""}
			if len(v.State.Faults) > 1 {
				whats = []string{" (" + faultName(f.Fault) + ")", " served", ""}
			}
			a.Text(x, y, style.Label, show.Longest(a.W-x, whats))
			return
		}
	}
	a.Line(x, y, a.W, canvas.S(style.Caution, "not yet served"))
}

// newestOpen is the newest fault after another that users are hurt by now; nil where there is none.
func newestOpen(s *drill.State, after *drill.Fault) *drill.Fault {
	if measure.AffectedNow(s).Affected == 0 || s.Verdict != "" {
		return nil
	}
	for _, f := range slices.Backward(s.Faults) {
		over := slices.ContainsFunc(s.Recoveries, func(r drill.Recovered) bool { return r.Fault == f.ID })
		if f.From > after.From && !over {
			return f
		}
	}
	return nil
}

func faultName(f *drill.Fault) string {
	return format.Where(f.FaultProved) + " " + cmp.Or(f.Done, string(f.Fault))
}

// SwitchoverHeight is the rows that Switchover takes.
func SwitchoverHeight(m drill.SwitchoverDone) int { return len(measure.SwitchoverSteps(m)) + 1 }

// Switchover draws a planned move: how long no write was taken, and why.
func Switchover(a canvas.Area, v View, m drill.SwitchoverDone) {
	steps := measure.SwitchoverSteps(m)
	total := max(m.Blocked, time.Millisecond)
	for from, i := time.Duration(0), 0; i < len(steps); i++ {
		from += steps[i].Took
		total = max(total, from)
	}
	bar := max(a.W-stageW-tookW, 0)
	share := func(d time.Duration) float64 { return float64(d) / float64(total) }
	from := time.Duration(0)
	for y, step := range steps {
		a.Text(0, y, style.Text, step.Name)
		chart.Gauge(a, stageW, y, bar, share(from), share(from+step.Took), style.Fine)
		a.Right(a.W, y, style.Text, format.Span(step.Took))
		from += step.Took
	}
	text, st := "no writes for ", style.FineBold
	if m.Open { // the wait was given up, which is no measure of a write
		text, st = "no write confirmed within ", style.CautBold
	}
	a.Line(0, len(steps), a.W, canvas.S(style.Label, text), canvas.S(st, format.Span(m.Blocked)), canvas.S(style.Label, "   "+format.Term(m.Epoch)))
}
