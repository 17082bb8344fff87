package scenario

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// maxCount bounds a goal that is a count.
const maxCount = 1_000_000

// objectives reads what a drill asks for: every objective that a file can ask for.
func (r *drillReader) objectives(n *yaml.Node) {
	var keys []key
	for _, o := range verdict.All {
		if o.Input != nil {
			keys = append(keys, key{o.Name, func(n *yaml.Node) { r.objective(o, n) }, ""})
		}
	}
	r.mapping(n, "objectives", keys)
}

func (r *drillReader) objective(o verdict.Objective, n *yaml.Node) {
	to := &r.plan.Objectives
	switch in := o.Input; {
	case in.Duration != nil:
		in.Duration(to, r.Duration(n, o.Name, in.Min))
	case in.Share != nil:
		in.Share(to, r.share(n, o.Name))
	case in.Word != nil:
		word, _ := r.OneOf(n, o.Name, in.Words, "there are")
		in.Word(to, word)
	case in.PerDataset && n.Kind == yaml.MappingNode:
		r.perDataset(o, n)
	case in.Count != nil:
		count, atLeast := r.count(n, o.Name)
		in.Count(to, "", count, atLeast)
	}
}

// count reads a goal that is a count: "0", or "at least 1" for a drill that shows a loss.
func (r *drillReader) count(n *yaml.Node, what string) (count int, atLeast bool) {
	number := *n
	if n.Kind == yaml.ScalarNode {
		number.Value, atLeast = strings.CutPrefix(n.Value, "at least ")
	}
	least := 0
	if atLeast {
		least = 1 // of nothing there is always at least none
	}
	return r.Integer(&number, what, least, maxCount), atLeast
}

// perDataset reads what is asked of each dataset that is named: {orders: 0, carts: at least 1}.
func (r *drillReader) perDataset(o verdict.Objective, n *yaml.Node) {
	if len(n.Content) == 0 {
		r.Bad(n, "%s names no dataset; write a number for all together, or one for each, like {orders: 0}", o.Name)
		return
	}
	if !r.known { // the fleet's own problem is named
		return
	}
	var keys []key
	for _, d := range r.fleet.Datasets {
		keys = append(keys, key{d.Name, func(n *yaml.Node) {
			count, atLeast := r.count(n, o.Name+" of "+d.Name)
			o.Input.Count(&r.plan.Objectives, d.Name, count, atLeast)
		}, ""})
	}
	r.mapping(n, o.Name, keys)
}

// measurable refuses objectives that no step of the plan could give a number for:
// such a drill could only ever be inconclusive.
func (r *drillReader) measurable(objectives *yaml.Node) {
	if len(r.steps) == 0 || objectives == nil {
		return
	}
	faults, moves := 0, 0
	for _, s := range r.steps {
		a, _ := action.Find(s.Command.Verb)
		if a.Effect != nil {
			faults++
		}
		if a.Moves || a.Effect != nil && (!r.known || action.EffectOf(r.fleet, s.Command).MayMove()) {
			moves++
		}
	}
	asks := drill.NewState()
	asks.Plan = &r.plan
	for _, o := range verdict.All {
		if o.Input == nil {
			continue
		}
		if len(o.Asked(asks)) == 0 {
			continue
		}
		if lacks := o.Input.Lacks; lacks != nil && r.known && lacks(r.fleet) != "" {
			r.Bad(objectives, "%s can't be measured: %s", o.Name, lacks(r.fleet))
			continue
		}
		switch {
		case o.Input.Needs == verdict.NeedsMove && moves == 0:
			r.Bad(objectives, "%s can't be measured: no step takes or moves an authority; leave it out, or add a kill, freeze, cordon or switchover", o.Name)
		case o.Input.Needs == verdict.NeedsFault && faults == 0:
			r.Bad(objectives, "%s is counted from the first fault, and no step kills, freezes, cuts off or cordons a region; leave it out, or add one", o.Name)
		}
	}
}
