package action

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What is done to links, which package gauge measures.

// meter measures links.
func (r Rig) meter() gauge.Meter {
	return gauge.Meter{Network: r.Network, Now: r.Events.Now, Sleep: r.Sleep}
}

// shown is what an action says of a measurement that does not show what it should. next is
// what to do where that does not say it.
func shown(ctx context.Context, err error, next string) error {
	var not *gauge.NotShown
	switch {
	case ctx.Err() != nil:
		return port.ErrStopped
	case !errors.As(err, &not):
		return fail(err, next)
	case not.Before:
		return rule.Refuse(not.Next, "%s", not.Err)
	}
	return &port.Failure{Err: not.Err, Next: cmp.Or(not.Next, next)}
}

// linkFault is a fault on the links that a command names.
func linkFault(fleet topology.Fleet, kind drill.FaultKind, c runbook.Command) drill.FaultProved {
	a, b, oneWay := c.Endpoints()
	c.Verb = runbook.Verb(kind)
	return drill.FaultProved{Fault: kind, Done: doneBy(c.Verb), Between: []string{a, b}, OneWay: oneWay, Shape: c.Shape, Effect: EffectOf(fleet, c)}
}

// liftLinks ends a fault on links and proves it by an answer over each. One that another
// partition holds is proved to stay silent, each cut being lifted by itself.
func liftLinks(ctx context.Context, r Rig, kind drill.FaultKind, c runbook.Command) (port.Proof, error) {
	var links [][2]string
	fault := 0
	r.Events.View(func(s *drill.State) {
		links = gauge.Links(s.Fleet, c)
		links = slices.DeleteFunc(links, func(p [2]string) bool {
			return slices.ContainsFunc(p[:], func(end string) bool { return s.Region(end) != nil && rule.Broken(s, end) != nil })
		})
		if f := rule.OpenFault(s, kind, c); f != nil {
			fault = f.ID
		}
	})
	r.Network.Lift(rule.HoldName(kind, c))
	text, err := r.meter().Answers(ctx, links, r.Network.Silent)
	if err != nil {
		return port.Proof{}, shown(ctx, err, string(c.Verb)+" it again")
	}
	r.Events.Emit(drill.FaultLifted{ID: fault, Proof: text, Done: doneBy(c.Verb)})
	return port.Proof{Text: text}, nil
}
