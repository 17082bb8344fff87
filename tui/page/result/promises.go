package result

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/pane/recovery"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// promise is a row of what a drill promised, and how it was kept.
type promise struct {
	label, goal, came string
	met               *bool
}

// promises is every promise of a drill: each objective, and that the fleet is steady before and after,
// or came back where it was called off.
func promises(s *drill.State) (all []promise) {
	for _, o := range s.Objectives {
		p := promise{label: verdict.Label(o.Name), goal: verdict.Brief(o.Name, o.Target), came: format.None, met: o.Met}
		if o.Dataset != "" {
			p.label += " " + o.Dataset
		}
		if o.AtLeast {
			p.goal = "≥ " + p.goal
		}
		if o.Measured != nil {
			p.came = verdict.Brief(o.Name, *o.Measured)
		}
		all = append(all, p)
	}
	if s.Plan == nil {
		return all
	}
	for _, check := range []struct {
		label string
		m     *drill.SteadyMeasured
	}{{"steady before", s.SteadyBefore}, {"steady after", s.SteadyAfter}} {
		p := promise{label: check.label, goal: "≥ " + format.Percent(s.Plan.Steady.Success), came: format.None}
		if check.m != nil {
			p.came, p.met = format.Percent(check.m.Success), yes(check.m.Met)
		}
		all = append(all, p)
	}
	if r := s.Returned; r != nil {
		all = append(all, promise{label: "came back", came: format.Span(r.After), met: yes(r.Returned)})
	}
	return all
}

// The columns at whose ends goals and measured numbers stand.
const goalX, cameX = 32, 46

// drawPromises draws the table of promises and, below it, what became of steps that are there to be
// refused; it returns the rows.
func drawPromises(a canvas.Area, v pane.View) (y int) {
	all := promises(v.State)
	if len(all) == 0 {
		return 0
	}
	a.Text(0, 0, style.Title, "promised")
	a.Right(goalX, 0, style.Title, "goal")
	a.Right(cameX, 0, style.Title, "measured")
	for _, p := range all {
		y++
		sign, st, word := metSign(v, p.met)
		a.Fit(0, y, goalX-1-canvas.Width(p.goal), style.Text, p.label)
		a.Right(goalX, y, style.Text, p.goal)
		a.Right(cameX, y, style.Strong, p.came)
		a.Text(cameX+2, y, st, sign+" "+word)
	}
	return y + 1 + drawRefusals(a.Rows(y+1, a.H-y-1), v)
}

// drawPredictions draws what was predicted of each command beside what was measured of it; it returns
// the rows.
func drawPredictions(a canvas.Area, v pane.View) (y int) {
	all := measure.Predictions(v.State)
	if len(all) == 0 {
		return 0
	}
	a.Right(goalX, 0, style.Title, "predicted")
	a.Right(cameX, 0, style.Title, "measured")
	for _, p := range all {
		name := "a command"
		if p.Command != nil {
			name = p.Command.Command.String()
		}
		for i, l := range canvas.Wrap(name, goalX-11) {
			if i > 0 || y > 0 {
				y++
			}
			a.Text(0, y, style.Title, l)
		}
		for _, r := range recovery.PredictionRows(v.Scene, p) {
			y++
			a.Fit(0, y, goalX-1-canvas.Width(r.Predicted), style.Label, r.What)
			a.Right(goalX, y, style.Caution, r.Predicted)
			a.Right(cameX, y, style.Strong, r.Measured)
		}
		if others := recovery.Beside(v.State, p.ID); others != "" {
			for _, l := range canvas.Wrap(others+", so not to be compared", a.W) {
				y++
				a.Text(0, y, style.Caution, l)
			}
		}
	}
	return y + 2
}
