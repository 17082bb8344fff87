// Package impact predicts what a command that takes something away will do to users and
// data: a model, from the state as it is and the command's effect, by the definitions of
// package measure. It is held later against what was measured of the same command.
package impact

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/impact/loss"
	"github.com/fleetdrill/fleetdrill/drill/impact/timing"
	"github.com/fleetdrill/fleetdrill/drill/impact/wording"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/succession"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Predict is what a command with that effect is predicted to break.
func Predict(s *drill.State, c runbook.Command, e runbook.Effect) runbook.Impact {
	p := runbook.Impact{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	then := after(s, e)
	outcomes := map[string]outcome{}
	// What only stands still, and goes on before it is noticed, has nobody take over.
	brief := e.Still && ahead.Of(s, c, e.Undo).Undone < timing.Detection(s.Fleet)
	for _, d := range s.Datasets {
		o := outcomeOf(then, d, e)
		if brief && o.moves && !o.planned {
			o.moves, o.waits = false, ""
		}
		outcomes[d.Name] = o
		if o.waits != "" && touches(e, d) {
			if p.Waits == nil {
				p.Waits = map[string]string{}
			}
			p.Waits[d.Name] = o.waits
		}
		if unled(then) && s.Fleet.Failover.Fence {
			if p.Waits == nil {
				p.Waits = map[string]string{}
			}
			p.Waits[d.Name] = unrenewedWords(s)
		}
		if o.moves {
			p.WritesAtRisk[d.Name] = mostLost(s, then, d, e, o)
			if !o.planned && !o.blocked {
				p.RTO = timing.RTO(s.Fleet, e)
			}
		}
		if o.last {
			p.LastCopy = append(p.LastCopy, d.Name)
		}
	}
	x := newExposure(s, then, c, e, outcomes)
	p.Users, p.Share = x.shares()
	p.Lines = append(lines(s, c, e, p, outcomes), refusals(x)...)
	p.Lines = append(p.Lines, unready(then, outcomes)...)
	p.Lines = append(append(p.Lines, hindered(then, x)...), unreconciled(then)...)
	return p
}

// PredictMove is what moving a dataset's authority to another region on purpose is predicted to
// cost: the writes that come while neither leads, and those that take too long afterwards.
// Nothing that was acknowledged is lost by it.
func PredictMove(s *drill.State, c runbook.Command) runbook.Impact {
	p := runbook.Impact{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return p
	}
	outcomes := map[string]outcome{}
	for _, other := range s.Datasets {
		outcomes[other.Name] = outcomeOf(s, other, runbook.Effect{})
	}
	outcomes[d.Name] = outcome{moves: true, planned: true, to: c.To}
	p.WritesAtRisk[d.Name] = new(uint64)
	e := newExposure(s, s, c, runbook.Effect{}, outcomes)
	p.Users, p.Share = e.shares()
	p.RTO = max(e.handedOver(), follows(e, d, c.To, e.copier(d, c.To, 0)))
	p.Lines = append(wording.Hurt(s, p, func(pop *drill.PopulationState) string { return wording.WritesGo(s, pop, d.Authority) }), fmt.Sprintf("%s takes no writes for about %s while %s takes over from %s",
		d.Name, format.Span(p.RTO), c.To, d.Authority), "no confirmed write is lost")
	p.Lines = append(append(p.Lines, unready(s, outcomes)...), hindered(s, e)...)
	return p
}

// outcome is what an effect is predicted to do to one dataset.
type outcome struct {
	moves   bool     // its authority is lost, or moved first
	planned bool     // it is moved first
	open    bool     // its authority was lost before, and is being replaced
	blocked bool     // nobody is promoted by itself: none is certain to have what the mode has to keep
	to      string   // the region that is likely to lead then, the authority itself where nobody else may; "" is none
	waits   string   // what its mode would lack; "" when its writes don't wait
	last    bool     // no other copy would be left
	passed  []string // the regions that a gate passes over, each with why
}

// outcomeOf is asked of the state with the effect in it: whether the controller still reaches
// the authority, and whether that, or who leads then, reaches the replicas that the mode needs.
func outcomeOf(then *drill.State, d *drill.DatasetState, e runbook.Effect) outcome {
	if d.Authority == "" {
		return outcome{}
	}
	gone := func(region string) bool { return attribution.Stopped(then, region) }
	empty := func(region string) bool { return slices.Contains(e.Empties, region) }
	o := outcome{planned: empty(d.Authority)}
	o.moves = o.planned || e.StopsStore(d.Authority) || e.Separates(d.Authority, topology.EndControl)
	o.open = !o.moves && gone(d.Authority)
	if unled(then) && !o.planned {
		return outcome{} // nobody has another lead
	}
	if !o.open && !touches(e, d) {
		return outcome{}
	}
	// from is who has to reach the others: the authority, or the controller that moves it.
	from := d.Authority
	if o.moves || o.open {
		from = topology.EndControl
	}
	left := measure.Copies(then, d, func(region string) bool {
		return !gone(region) && !empty(region) && (region == d.Authority || !d.Hangs(region)) && !then.Apart(region, from) && !(o.moves && region == d.Authority)
	})
	q, uncertain := succession.Of(then, d), ""
	switch {
	case o.planned:
		o.to = q.Planned(q.Answers(slices.DeleteFunc(slices.Clone(left), func(r string) bool { return readiness.Gate(then, d, r) != nil })))
	case o.moves || o.open:
		o.to, o.passed, uncertain = succeeds(then, q, left)
	}
	o.waits = lacks(d, left, o, empty(d.Spec.With))
	if uncertain != "" && len(left) > 0 {
		o.blocked, o.to, o.waits = true, d.Authority, cmp.Or(o.waits, uncertain)
	}
	o.last = o.moves && len(left) == 0 && (gone(d.Authority) || o.planned)
	return o
}

// succeeds is who is promoted by itself of those that are left, past the fleet's gate; or why nobody is. passed is who the gate passes
// over, each with why.
func succeeds(then *drill.State, q succession.Question, left []string) (to string, passed []string, uncertain string) {
	answers := q.Answers(left)
	if to, uncertain = q.Certain(answers); to == "" || !then.Fleet.Failover.Refuses() {
		return to, nil, uncertain
	}
	targets := readiness.Of(then, then.Dataset(q.Dataset.Name))
	to, over, uncertain := q.Gated(targets, answers, to)
	if to == "" {
		return "", nil, uncertain // which says it of each
	}
	for _, region := range over {
		passed = append(passed, fmt.Sprintf("the gate passes %s over: %s", region, preflight.Unfit(targets, region)))
	}
	return to, passed, uncertain
}

// touches reports whether an effect is about a dataset: about a region that keeps it, or about
// a link of one to another or to the controller.
func touches(e runbook.Effect, d *drill.DatasetState) bool {
	for i, a := range d.Spec.Regions {
		if e.StopsStore(a) || slices.Contains(e.Empties, a) || e.Separates(a, topology.EndControl) {
			return true
		}
		if slices.ContainsFunc(d.Spec.Regions[i+1:], func(b string) bool { return e.Separates(a, b) }) {
			return true
		}
	}
	return false
}

// lacks is what the dataset's mode would miss then, left being the replicas that are reached:
// for the next write's acknowledgement, or to be certain who may take over. "" when it
// lacks nothing. What is emptied on purpose has another partner found for it first.
func lacks(d *drill.DatasetState, left []string, o outcome, emptied bool) string {
	with := slices.Contains(left, d.Spec.With) || d.Spec.With == d.Authority && !o.moves
	switch {
	case d.Spec.Mode == topology.ModeQuorum && len(left) < d.Spec.Majority():
		return fmt.Sprintf("quorum needs %d of %d replicas, %d would be left", d.Spec.Majority(), len(d.Spec.Regions), len(left))
	case d.Spec.Mode != topology.ModeSync || with && !o.moves:
		return ""
	case len(left) < 2:
		return fmt.Sprintf("sync needs two replicas, %d would be left", len(left))
	case o.moves || o.open || emptied:
		return ""
	}
	return fmt.Sprintf("%s can't confirm a write without it", d.Spec.Durability())
}

// mostLost is the most acknowledged writes that a dataset is predicted to lose; nil where there is no bound.
func mostLost(before, s *drill.State, d *drill.DatasetState, e runbook.Effect, o outcome) *uint64 {
	switch {
	case o.planned:
		return new(uint64) // moved first, with all it has
	case o.blocked:
		return nil // whom a person forces may lack any number
	}
	return loss.Most(before, s, d, e, loss.Successor{Region: o.to, PassedOver: len(o.passed) > 0})
}

// after is the state with an effect held beside the faults that hold already: which places are
// apart then and in which shape the links are follows from both together, the newest last.
func after(s *drill.State, e runbook.Effect) *drill.State {
	then := *s
	then.Faults = append(slices.Clip(s.Faults), &drill.Fault{FaultProved: drill.FaultProved{Effect: e}})
	return &then
}
