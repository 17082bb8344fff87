// Package recovery draws how a dataset's leadership moved: the stages of a failover or a switchover on one
// scale of time, and what was predicted of a command beside what was measured of it.
package recovery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/docs"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Look is a recovery as it is looked at.
type Look struct {
	show.Scene
	Focused bool // what each stage means stands beneath it
	Scroll  int  // rows down from the top, where it was scrolled
}

// Title is what is drawn, and from which region to which.
func Title(sc show.Scene) (title, note string) {
	d := sc.Chosen()
	if d == nil {
		return "Recovery", ""
	}
	if m := lastMove(sc.State, d.Name); m != nil {
		return "Switchover of " + d.Name, fmt.Sprintf("%s → %s", m.From, m.To)
	}
	f := lastFailover(sc.State, d.Name)
	switch {
	case f == nil && len(sc.State.Datasets) == 1:
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

// besideLeast is from which width predicted and measured stand beside the stages.
const besideLeast = 72

// Draw draws how the dataset in focus recovered, and what was predicted of it beside what was measured.
func Draw(a canvas.Area, l Look) {
	if c := compare(l.Scene, a.W); c.height() > 0 && a.W >= besideLeast && !l.Focused {
		left := a.W * 9 / 20
		l.drawScrolled(a.Sub(0, 0, left, a.H), l.stageRows, l.drawStages)
		l.drawScrolled(a.Sub(left+3, 0, a.W-left-3, a.H), func(w int) int { return compare(l.Scene, w).height() }, func(a canvas.Area) int {
			compare(l.Scene, a.W).draw(a)
			return 0
		})
		return
	}
	l.drawScrolled(a, l.stackedRows, l.drawStacked)
}

// stackedRows is the rows of the stages and, below them, of predicted and measured.
func (l Look) stackedRows(w int) int { return l.stageRows(w) + compare(l.Scene, w).height() }

// drawStacked draws predicted and measured at the foot, below a rule where there is room for one.
func (l Look) drawStacked(a canvas.Area) (now int) {
	rows, c := l.stageRows(a.W), compare(l.Scene, a.W)
	now = l.drawStages(a.Rows(0, rows))
	if gap := a.H - rows - c.height(); c.height() > 0 && gap > 0 {
		a.HLine(0, rows+(gap-1)/2, a.W, style.Frame, "─")
	}
	c.draw(a.Rows(a.H-c.height(), c.height()))
	return now
}

// gutter is the columns for how many rows are above and below those that are shown.
const gutter = 5

// drawScrolled draws what takes so many rows in some columns into an area that may have fewer: then it shows those
// around the row that draw returns, where something happens, or those that were scrolled to.
func (l Look) drawScrolled(a canvas.Area, rowsIn func(w int) int, draw func(canvas.Area) (now int)) {
	if rowsIn(a.W) <= a.H {
		draw(a)
		return
	}
	rows := rowsIn(a.W - gutter)
	tall := canvas.New(a.W-gutter, rows, l.Theme)
	top := max(draw(tall.All())-a.H, 0)
	if l.Scroll > 0 {
		top = l.Scroll
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
func (l Look) stageRows(w int) int {
	rows := len(drill.FailoverStages) + 2
	d := l.Chosen()
	switch {
	case d == nil:
		return rows
	case lastMove(l.State, d.Name) != nil:
		return SwitchoverHeight(*lastMove(l.State, d.Name))
	case lastFailover(l.State, d.Name) == nil:
		return rows
	}
	rows = WaterfallHeight(l.State, lastFailover(l.State, d.Name))
	if l.Focused {
		for _, stage := range drill.FailoverStages {
			rows += len(meaning(stage, w))
		}
	}
	return rows
}

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
func (l Look) drawStages(a canvas.Area) (now int) {
	if d := l.Chosen(); d != nil {
		if m := lastMove(l.State, d.Name); m != nil {
			Switchover(a, l.Scene, *m)
			return 0
		}
		if f := lastFailover(l.State, d.Name); f != nil {
			return drawWaterfall(a, l.Scene, f, l.Focused)
		}
	}
	drawReady(a, l.Scene)
	return 0
}

// drawReady says what will happen, before anything did.
func drawReady(a canvas.Area, sc show.Scene) {
	p := sc.State.Fleet.Failover
	probe := sc.State.Fleet.Routing.Probe
	who := "automatic"
	if p.ByOperator() {
		who = "a person decides (P promotes)"
	}
	fence := []string{"old leader is not locked out: split brain is possible", "not locked out: split brain possible", "none: split brain is possible"}
	if lease := format.Span(p.Lease); p.Fence {
		fence = []string{"old leader locked out after " + lease, "old leader out after " + lease}
	}
	move := []string{"sent elsewhere at their next request", "moved at the next request"}
	if ttl := sc.State.Fleet.LastMoved(); ttl > 0 {
		move = []string{"ask anew where to go after " + format.Span(ttl), "ask anew after " + format.Span(ttl)}
	}
	rows := [][2]string{
		{"detect", fmt.Sprintf("%d probes, one every %s", probe.DownAfter, format.Span(probe.Every))},
		{"decide", who},
		{"fence", show.Longest(a.W-stageW, fence)},
		{"users", show.Longest(a.W-stageW, move)},
	}
	if goal := verdict.RTOGoal(sc.State); goal > 0 {
		rows = append(rows, [2]string{"goal", "first write within " + format.Span(goal)})
	}
	a.Text(0, 0, style.Label, show.Longest(a.W, []string{"no failover yet; as the fleet file sets it:", "no failover yet; as the file sets it:", "no failover yet; as it is set:"}))
	for i, r := range rows {
		a.Text(0, i+1, style.Label, r[0])
		a.Fit(stageW, i+1, a.W-stageW, style.Text, r[1])
	}
}
