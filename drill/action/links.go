package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
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
		return refuse(not.Next, "%s", not.Err)
	}
	return &port.Failure{Err: not.Err, Next: cmp.Or(not.Next, next)}
}

// crossable refuses links that nothing crosses as it is: what is done to them could not
// be proved.
func crossable(s *drill.State, c runbook.Command) *Refusal {
	if r := alive(s, c); r != nil {
		return r
	}
	for _, p := range gauge.Links(s.Fleet, c) {
		if f := cutBetween(s, p); f != nil {
			return refuse("heal it first", "nothing crosses the link %s: it is partitioned", gauge.Name(p)).since(f.Command).by(runbook.VerbHeal)
		}
	}
	return nil
}

// alive refuses links of a region that is broken.
func alive(s *drill.State, c runbook.Command) *Refusal {
	for _, p := range gauge.Links(s.Fleet, c) {
		for _, end := range p {
			if s.Region(end) == nil {
				continue // the controller's
			}
			if r := broken(s, end); r != nil {
				r.Why += ", nothing crosses its links"
				return r
			}
		}
	}
	return nil
}

// cutBetween is a partition that keeps two places apart; nil where none does.
func cutBetween(s *drill.State, p [2]string) *drill.Fault {
	for _, f := range s.Partitions() {
		if f.Effect.Separates(p[0], p[1]) {
			return f
		}
	}
	return nil
}

// holdName is the name of the hold that a fault of links has: the same for the command
// that makes it and the one that lifts it, whichever end is named first.
func holdName(kind drill.FaultKind, c runbook.Command) string {
	a, b, oneWay := c.Endpoints()
	if oneWay {
		return fmt.Sprintf("%s from %s to %s", kind, a, b)
	}
	return fmt.Sprintf("%s between %s and %s", kind, min(a, b), max(a, b))
}

// linkFault is a fault on the links that a command names.
func linkFault(fleet topology.Fleet, kind drill.FaultKind, c runbook.Command) drill.FaultProved {
	a, b, oneWay := c.Endpoints()
	c.Verb = runbook.Verb(kind)
	return drill.FaultProved{Fault: kind, Between: []string{a, b}, OneWay: oneWay, Shape: c.Shape, Effect: EffectOf(fleet, c)}
}

// liftLinks ends a fault on links and proves it by an answer over each. One that another
// partition holds is proved to stay silent, each cut being lifted by itself.
func liftLinks(ctx context.Context, r Rig, kind drill.FaultKind, c runbook.Command) (port.Proof, error) {
	var links [][2]string
	fault := 0
	r.Events.View(func(s *drill.State) {
		links = gauge.Links(s.Fleet, c)
		links = slices.DeleteFunc(links, func(p [2]string) bool {
			return slices.ContainsFunc(p[:], func(end string) bool { return s.Region(end) != nil && broken(s, end) != nil })
		})
		if f := openFault(s, kind, c); f != nil {
			fault = f.ID
		}
	})
	r.Network.Lift(holdName(kind, c))
	text, err := r.meter().Answers(ctx, links, r.Network.Silent)
	if err != nil {
		return port.Proof{}, shown(ctx, err, string(c.Verb)+" it again")
	}
	r.Events.Emit(drill.FaultLifted{ID: fault, Proof: text, Done: doneBy(c.Verb)})
	return port.Proof{Text: text}, nil
}
