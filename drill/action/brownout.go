package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const (
	verbBrownout  runbook.Verb    = "brownout"
	verbClear     runbook.Verb    = "clear"
	faultBrownout drill.FaultKind = "brownout"
)

// brownout makes links slow, narrow or lossy, both ways or one: everything still crosses.
var brownout = Action{
	Verb: verbBrownout,
	Words: Words{Name: "brownout", Done: "browned out", Help: "make links slow, narrow or lossy",
		Key: "B", Group: GroupRegion, Dangerous: true},
	Params: []param.Param{param.Links,
		{Name: "rtt", Kind: param.KindDuration, Optional: true, Example: "400ms", Help: "rtt, the round trip", Field: func(c *runbook.Command) any { return &c.Shape.RTT }},
		{Name: "jitter", Kind: param.KindDuration, Optional: true, Example: "50ms", Help: "jitter of the round trip", Field: func(c *runbook.Command) any { return &c.Shape.Jitter }},
		{Name: "bandwidth", Kind: param.KindRate, Optional: true, Example: "5Mbps", Help: "bandwidth, each way", Field: func(c *runbook.Command) any { return &c.Shape.Bandwidth }},
		{Name: "loss", Kind: param.KindShare, Optional: true, Example: "2%", Help: "loss, share of segments", Field: func(c *runbook.Command) any { return &c.Shape.Loss }},
	},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		if c.Shape.IsZero() {
			return rule.Refuse("give it rtt, jitter, bandwidth or loss", "a brownout of nothing changes nothing")
		}
		if f := rule.OpenFault(s, faultBrownout, c); f != nil {
			return rule.Refuse("clear it first", "that is browned out already").Since(f.Command).By(verbClear)
		}
		if r := rule.Crossable(s, c); r != nil {
			return r
		}
		return rule.NotSlower(s, c)
	},
	Confirm: confirmImpact,
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		f := linkFault(s.Fleet, faultBrownout, c)
		f.ID, f.Command, f.From = len(s.Faults)+1, len(s.Commands), s.Now
		return []drill.Body{f}
	},
	Do:   brownoutLinks,
	Undo: verbClear,
	Effect: func(_ topology.Fleet, c runbook.Command) runbook.Effect {
		return runbook.Effect{Reshapes: c.Ways(), Shape: c.Shape}
	},
}

// clearing gives browned-out links their own shape back.
var clearing = Action{
	Verb: verbClear,
	Words: Words{Name: "clear", Done: "cleared", Help: "end a brownout: links get their speed back",
		Key: "C", Group: GroupRegion, Mends: true},
	Params: []param.Param{param.Links},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		if rule.OpenFault(s, faultBrownout, c) == nil {
			return rule.Refuse("name the same ends as the brownout", "%s is not browned out", param.LinkText(c))
		}
		return nil
	},
	Offer: openFaults(verbClear, faultBrownout),
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		return []drill.Body{drill.FaultLifted{ID: rule.OpenFault(s, faultBrownout, c).ID}}
	},
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		return liftLinks(ctx, r, faultBrownout, c)
	},
}

// brownoutLinks shapes links. Each part of the shape counts once it is measured over each
// link, before and after; the parts that would hide one another are measured one after the other.
func brownoutLinks(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	fleet := view(r, func(s *drill.State) topology.Fleet { return s.Fleet })
	links, shaped := gauge.Links(fleet, c), gauge.Ways(fleet, c)
	before, err := r.meter().Before(ctx, links, shaped, c.Shape)
	if err != nil {
		return port.Proof{}, shown(ctx, err, "no fault is counted")
	}
	defer before.Close()
	fault := r.begun(linkFault(fleet, faultBrownout, c))
	hold := rule.HoldName(faultBrownout, c)
	text, err := before.Prove(ctx, func(s topology.Shape) error { return r.Network.Reshape(hold, shaped, s) })
	if err != nil {
		r.Network.Lift(hold)
		return port.Proof{}, shown(ctx, err, "no fault is counted")
	}
	r.proved(text, fault...)
	return port.Proof{Text: text}, nil
}
