package recovery

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// stageW is the columns of a stage's name, and of the time that it took.
const stageW, tookW = 9, 9

// WaterfallHeight is the rows that Waterfall takes where nothing holds it up.
func WaterfallHeight(s *drill.State, f *drill.Failover) int {
	rows := len(drill.FailoverStages) + 2
	for _, stage := range drill.FailoverStages {
		rows += len(measure.StageParts(s, f, stage))
	}
	return rows
}

// Waterfall draws the stages of a failover one below the other on one scale of
// time, the running one with its clock and what holds it up, then the first write
// against the goal. It returns the row below what runs.
func Waterfall(a canvas.Area, sc show.Scene, f *drill.Failover) (now int) {
	return drawWaterfall(a, sc, f, false)
}

func drawWaterfall(a canvas.Area, sc show.Scene, f *drill.Failover, explain bool) (now int) {
	start := f.Ends[drill.StageFault]
	running, since := f.Current()
	elapsed := max(sc.Now-start, 0)
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
			for _, part := range measure.StageParts(sc.State, f, stage) {
				y++
				a.Text(2, y, style.Label, "of which "+part.Name)
				a.Right(a.W, y, style.Label, format.Span(part.Took))
			}
		case stage == running && sc.State.Verdict == "":
			a.Text(0, y, style.CautBold, string(stage))
			chart.Gauge(a, stageW, y, bar, share(since-start), share(elapsed), style.Caution)
			a.Right(a.W, y, style.CautBold, sc.Spinner()+" "+format.Span(max(sc.Now-since, 0)))
			for _, l := range blockedLines(sc.State, f, stage, a.W, a.H-y-2) {
				y++
				a.Text(0, y, style.CautBold, l)
			}
			now = y + 1
		case y >= a.H-1:
			continue // what holds it up matters more than what would come after
		default:
			a.Text(0, y, style.Label, string(stage))
			a.Right(a.W, y, style.Label, sc.Theme.Glyphs.Waiting)
		}
		y++
		if explain {
			for _, l := range meaning(stage, a.W) {
				a.Text(2, y, style.Label, l)
				y++
			}
		}
	}
	drawFirstWrite(a, sc, f, y)
	drawRecovered(a, sc, f, y+1)
	return now
}

func drawFirstWrite(a canvas.Area, sc show.Scene, f *drill.Failover, y int) {
	rto, done := f.RTO()
	goal := verdict.RTOGoal(sc.State)
	now := max(sc.Now-f.Ends[drill.StageFault], 0)
	var spans []canvas.Span
	switch {
	case done && goal == 0: // nothing to hold it against, so no sign
		spans = append(spans, canvas.S(style.Text, format.Span(rto)))
	case done && verdict.KeepsRTO(sc.State, rto):
		spans = append(spans, canvas.S(style.FineBold, sc.Theme.Glyphs.Done+" "+format.Span(rto)))
	case done:
		spans = append(spans, canvas.S(style.DangerBold, sc.Theme.Glyphs.Failed+" "+format.Span(rto)))
	case sc.State.Verdict != "": // its clock has stopped, as those of the stages have
		spans = append(spans, canvas.S(style.CautBold, "none until the end"))
	case !verdict.KeepsRTO(sc.State, now):
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
func drawRecovered(a canvas.Area, sc show.Scene, f *drill.Failover, y int) {
	if f.Fault == nil {
		return
	}
	x := a.Text(0, y, style.Label, "all users    ")
	if open := newestOpen(sc.State, f.Fault); open != nil {
		a.Line(x, y, a.W, canvas.S(style.CautBold, "hurt by "+faultName(open)), canvas.S(style.Caution, " for "+format.Span(max(sc.Now-open.From, 0))))
		return
	}
	for _, r := range sc.State.Recoveries {
		if r.Fault == f.Fault.ID {
			x = a.Text(x, y, style.FineBold, sc.Theme.Glyphs.Done+" "+format.Span(r.After(f.Fault)))
			whats := []string{" served as before", " served", ""}
			if len(sc.State.Faults) > 1 {
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
func Switchover(a canvas.Area, sc show.Scene, m drill.SwitchoverDone) {
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
