package scenario

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/limit"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// abort reads the limits past which the drill is called off: success_below with its time, and every limit of the list.
func (r *drillReader) abort(n *yaml.Node) {
	r.abortAt = n
	to := &r.plan.Abort
	var success, lasts *yaml.Node
	keys := []key{
		{limit.SuccessName, func(n *yaml.Node) { success, to.SuccessBelow = n, r.share(n, "abort success_below") }, ""},
		{"for", func(n *yaml.Node) { lasts, to.For = n, r.Duration(n, "abort for", time.Millisecond) }, ""},
		{"lag", func(n *yaml.Node) { most := r.Integer(n, "abort lag", 0, maxCount); to.Lag = &most }, ""},
	}
	for _, l := range limit.All {
		if o, is := verdict.Find(l.Name); is {
			keys = append(keys, key{l.Name, func(n *yaml.Node) { r.abortOver(o, n) }, ""})
		}
	}
	before := len(r.Problems)
	if !r.mapping(n, "abort", keys) || len(r.Problems) > before {
		return
	}
	switch {
	case len(n.Content) == 0:
		r.Bad(n, "abort names no limit; write one, like success_below: 5%% and for: 60s, or leave it out")
	case success == nil && lasts != nil:
		r.Bad(n, "%q is missing in abort; add success_below: 5%%", limit.SuccessName)
	case success != nil && lasts == nil:
		r.Bad(n, `"for" is missing in abort; add for: 60s`)
	}
}

// abortOver reads a limit that is measured as an objective is. It is the most there may be, of all datasets together.
func (r *drillReader) abortOver(o verdict.Objective, n *yaml.Node) {
	to, name := &r.plan.Abort.Over, "abort "+o.Name
	switch in := o.Input; {
	case in.Duration != nil:
		in.Duration(to, r.Duration(n, name, in.Min))
	case in.Share != nil:
		in.Share(to, r.share(n, name))
	case in.Count != nil:
		in.Count(to, "", r.Integer(n, name, 0, maxCount), false)
	}
}

// abortAbove refuses a share that a steady fleet is below.
func (r *drillReader) abortAbove() {
	if a, st := r.plan.Abort.SuccessBelow, r.plan.Steady.Success; st > 0 && a > st {
		r.Bad(r.abortAt, "abort success_below %g%% is above steady success %g%%: a steady fleet would abort; lower it", a*100, st*100)
	}
}
