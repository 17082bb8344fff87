package scenario

import (
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario/catalog"
	"github.com/fleetdrill/fleetdrill/drill/scenario/preparation"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// maxSteps bounds a plan; a drill that a person can follow has a dozen.
const maxSteps = 200

// drillReader reads a drill file: each part by itself, then what the steps do to
// the fleet, one after the other.
type drillReader struct {
	*source
	plan  runbook.Plan
	fleet topology.Fleet
	// known is false while there is no fleet to hold the steps' names against.
	known bool
	steps []*step
	more  int // steps in the file so far

	abortAt, endAt *yaml.Node
}

// readDrill reads a drill on the fleet that it names, or on another one.
func readDrill(s *source, on *topology.Fleet) (runbook.Plan, topology.Fleet) {
	r := &drillReader{source: s}
	r.plan.Name = strings.TrimSuffix(filepath.Base(s.File), filepath.Ext(s.File))
	if s.Root == nil {
		return r.plan, r.fleet
	}
	var fleet, steps, objectives *yaml.Node
	if s.Has("regions") && !s.Has("steps") {
		r.Bad(s.Root, "this is a fleet, not a drill; a drill names it with fleet: and has steps")
		return r.plan, r.fleet
	}
	if !r.mapping(s.Root, "a drill", []key{
		{"title", func(n *yaml.Node) { r.plan.Title = r.Text(n, "the title", 80) }, "title: what is done to what"},
		{"hypothesis", func(n *yaml.Node) { r.plan.Hypothesis = r.Text(n, "the hypothesis", 600) }, ""},
		{"question", func(n *yaml.Node) { r.plan.Question = preparation.Question(r.Source, n) }, ""},
		{"teaches", func(n *yaml.Node) { r.plan.Teaches = r.Text(n, "what it teaches", 200) }, ""},
		{"fleet", func(n *yaml.Node) { fleet = n }, "fleet: three-regions, or a path beside this file"},
		{"objectives", func(n *yaml.Node) { objectives = n }, ""},
		{"steady", r.steady, "steady: {for: 5s, success: 99%}"},
		{"require", func(n *yaml.Node) { r.plan.Require = preparation.Require(r.Source, n) }, ""},
		{"abort", r.abort, ""},
		{"steps", func(n *yaml.Node) { steps = n }, "steps: [{at: 0s, do: kill, region: us-east}]"},
		{"end", func(n *yaml.Node) { r.endAt, r.plan.End = n, r.Duration(n, "end", 0) }, "end: 45s, counted like the steps"},
	}) {
		return r.plan, r.fleet
	}
	r.abortAbove()
	switch {
	case on != nil:
		r.fleet, r.known = *on, true
	case fleet != nil:
		r.named(fleet)
	}
	if objectives != nil { // some name the fleet's datasets
		r.objectives(objectives)
	}
	before := len(r.Problems)
	if steps != nil {
		r.List(steps, "steps", "[{at: 0s, do: kill, region: us-east}]", r.step)
	}
	r.order()
	// A step that is not understood makes those after it look wrong, too.
	if r.known && len(r.Problems) == before {
		r.dryRun()
		r.measurable(objectives)
	}
	return r.plan, r.fleet
}

// named loads the fleet that the drill names.
func (r *drillReader) named(n *yaml.Node) {
	name, ok := r.Scalar(n, "fleet", "three-regions")
	switch {
	case !ok:
		return
	case r.ships && catalog.IsPath(name):
		r.Bad(n, "a drill that ships names a fleet that ships, not a path")
		return
	}
	src, err := open(name, fleets, filepath.Dir(r.File))
	if err != nil {
		r.Bad(n, "%s", strings.TrimPrefix(err.Error(), "load fleet: "))
		return
	}
	r.fleet = readFleet(src)
	if found, _ := src.err().(Problems); len(found) > 0 {
		r.also = found
		r.Bad(n, "fleet %s is not right; its own problems follow", strict.Quote(n))
		return
	}
	r.known = true
}

func (r *drillReader) steady(n *yaml.Node) {
	to := &r.plan.Steady
	r.mapping(n, "steady", []key{
		{"for", func(n *yaml.Node) { to.For = r.Duration(n, "steady for", time.Millisecond) }, "for: 5s"},
		{"success", func(n *yaml.Node) {
			before := len(r.Problems)
			if to.Success = r.share(n, "steady success"); to.Success == 0 && len(r.Problems) == before {
				r.Bad(n, "steady success is 0%%, which every fleet meets; write more, like 99%%")
			}
		}, "success: 99%"},
	})
}

// order checks the times: no step before the one above it, none after the end.
func (r *drillReader) order() {
	var last *step
	for _, s := range r.steps {
		if s.at == nil {
			continue
		}
		if last != nil && s.At < last.At {
			r.Bad(s.at, "this step is at %s, before the one above it at %s; steps are written in the order of their times", strict.Written(s.At), strict.Written(last.At))
			continue
		}
		last = s
	}
	if last != nil && r.endAt != nil && r.plan.End < last.At {
		r.Bad(r.endAt, "end %s is before the last step at %s; write %s or later", strict.Written(r.plan.End), strict.Written(last.At), strict.Written(last.At))
	}
}
