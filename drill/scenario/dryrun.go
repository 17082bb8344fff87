package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario/followup"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// dryRun goes through the steps as if each took effect, to find those that could only be
// refused: a region killed twice, one restored that nothing broke. The rules are the
// actions' own. What a failover chooses is not known beforehand: the dry run follows every
// way it could go, and a step is wrong only where all of them refuse it.
//
// Each dataset is followed by itself, since no rule asks about two at once.
type dryRun struct {
	*drillReader
	fleet  topology.Fleet // with one dataset, or none
	worlds []*world
}

// maxWorlds bounds the ways that are followed. Beyond it the rest of the plan is let
// stand: what is refused shows when it runs.
const maxWorlds = 64

// world is one way that things could have gone until now.
type world struct {
	events []drill.Body
	state  *drill.State
}

func (r *drillReader) dryRun() {
	if len(r.fleet.Datasets) == 0 {
		newDryRun(r, r.fleet).run()
	}
	for _, d := range r.fleet.Datasets {
		f := r.fleet
		f.Datasets = []topology.Dataset{d}
		newDryRun(r, f).run()
	}
}

func newDryRun(r *drillReader, f topology.Fleet) *dryRun {
	w := &world{state: drill.NewState()}
	w.apply(drill.DrillStarted{Fleet: f})
	for _, g := range f.Standing().Regions {
		serves := topology.WebReplicas(f, g.Name) > 0
		w.apply(drill.RegionUnserved{Region: g.Name, On: !serves}, drill.RegionJudged{Region: g.Name, Up: serves})
	}
	for _, d := range f.Datasets {
		w.apply(drill.AuthorityTook{Dataset: d.Name, Region: d.Authority, Epoch: 1})
	}
	return &dryRun{drillReader: r, fleet: f, worlds: []*world{w}}
}

func (w *world) apply(bodies ...drill.Body) {
	for _, b := range bodies {
		w.events = append(w.events, b)
		w.state.Apply(drill.Event{Seq: w.state.LastSeq + 1, Body: b})
	}
}

// with is the world in which more has happened.
func (w *world) with(bodies ...drill.Body) *world {
	other := &world{state: drill.NewState()}
	other.apply(w.events...)
	other.apply(bodies...)
	return other
}

func (d *dryRun) run() {
	for i, s := range d.steps {
		if len(d.worlds) > maxWorlds {
			return
		}
		d.step(i+1, s)
		d.branch()
	}
}

// step carries out a step in every world that allows it. id is the command's number: the
// step's, from 1.
func (d *dryRun) step(id int, s *step) {
	c := s.Command
	var refused *rule.Refusal
	allowed := s.Expect == runbook.ExpectRefused || d.another(c)
	for _, w := range d.worlds {
		r := action.Check(w.state, c)
		w.apply(drill.CommandTaken{ID: id, Command: c})
		if r == nil && !d.another(c) && s.Expect == "" {
			allowed = true
			w.assume(c)
			w.apply(drill.CommandDone{ID: id, Command: c})
			continue
		}
		if refused == nil || w.settled() {
			refused = r
		}
		w.apply(drill.CommandFailed{ID: id, Command: c, Refused: true, Error: "refused"})
	}
	if allowed || refused == nil {
		return
	}
	d.refused(s, refused)
	// What was meant is assumed, so that one mistake is one problem.
	if a, _ := action.Find(refused.Verb); a.Words.Mends && isMending(c.Verb) {
		c.Verb = refused.Verb
		for _, w := range d.worlds {
			if action.Check(w.state, c) == nil {
				w.assume(c)
			}
		}
	}
}

// another reports whether the command is about a dataset that this dry run leaves out.
func (d *dryRun) another(c runbook.Command) bool {
	_, mine := d.fleet.Dataset(c.Dataset)
	return c.Dataset != "" && !mine
}

// settled reports whether every dataset has an authority that nothing holds away: its
// reasons say more than those of a world in between.
func (w *world) settled() bool {
	return !slices.ContainsFunc(w.state.Datasets, func(d *drill.DatasetState) bool {
		return w.state.OpenFailover(d.Name) != nil || w.state.FaultOn(d.Authority) != nil
	})
}

func isMending(v runbook.Verb) bool {
	a, _ := action.Find(v)
	return a.Words.Mends
}

func (w *world) assume(c runbook.Command) {
	if a, _ := action.Find(c.Verb); a.Assume != nil {
		w.apply(a.Assume(w.state, c)...)
	}
}

// refused adds the problem, with the line of the step that stands in the way.
func (d *dryRun) refused(s *step, r *rule.Refusal) {
	text := "by then " + r.Why
	if r.Command > 0 && r.Command <= len(d.steps) {
		text += fmt.Sprintf(" (line %d)", d.steps[r.Command-1].line)
	}
	if r.Next != "" {
		text += "; " + r.Next
	}
	if r.Shows {
		text += "; say \"expect: refused\" where the drill is to show it"
	}
	if !slices.ContainsFunc(d.Problems, func(p Problem) bool { return p.Line == s.line && p.Text == text }) {
		d.Add(s.line, "%s", text)
	}
}

// branch adds the worlds in which a failover was noticed, or has promoted a region.
func (d *dryRun) branch() {
	seen := map[string]bool{}
	for _, w := range d.worlds {
		seen[w.key()] = true
	}
	for i := 0; i < len(d.worlds) && len(d.worlds) <= maxWorlds; i++ {
		for _, more := range followup.Of(d.worlds[i].state) {
			w := d.worlds[i].with(more...)
			if key := w.key(); !seen[key] {
				seen[key] = true
				d.worlds = append(d.worlds, w)
			}
		}
	}
}

// key is all that a rule could ask of a world.
func (w *world) key() string {
	var b strings.Builder
	for _, r := range w.state.Regions {
		fmt.Fprint(&b, r.Health, r.Fault != nil, len(r.Parts), r.Cordoned, ";")
	}
	for _, f := range w.state.Faults {
		fmt.Fprint(&b, f.ID, f.Lifted == nil, ";")
	}
	for _, d := range w.state.Datasets {
		fmt.Fprint(&b, d.Name, d.Authority, d.Spec.Durability(), w.state.OpenFailover(d.Name) != nil, ";")
	}
	return b.String()
}
