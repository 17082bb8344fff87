package impact

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/impact/rollout"
	"github.com/fleetdrill/fleetdrill/drill/impact/shift"
	"github.com/fleetdrill/fleetdrill/drill/impact/wording"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// PredictCommit is what a commit is predicted to cost that gives fields another value, in one region or where that is "" in all, until
// a verb of the plan takes it back. What a version that nobody has run does is not known: it is said whom it would hurt at most.
func PredictCommit(s *drill.State, c runbook.Command, region string, fields []config.Field, undo runbook.Verb) runbook.Impact {
	if name := rollout.Secret(fields, ""); name != "" {
		return predictRotation(s, c, region, name, undo)
	}
	first, later := rollout.Reached(s, region)
	x := commitExposure(s, c, first, fields, undo)
	p := runbook.Impact{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	p.Users, p.Share = x.shares()
	if p.Share < wording.Worth && len(later) > 0 { // nobody is hurt, so that the gate lets it through to all
		x = commitExposure(s, c, append(slices.Clone(first), later...), fields, undo)
		p.Users, p.Share = x.shares()
	}
	p.Lines = append(wording.Hurt(s, p, func(*drill.PopulationState) string { return "" }), rollout.Lines(s, first, later, p.Share >= wording.Worth)...)
	for _, name := range first {
		for _, r := range s.Config.RestrictionsWith(name, append(s.Config.Open(name), fields...)) {
			p.Lines = append(p.Lines, name+" then: "+r.Why)
		}
	}
	if p.Share < wording.Worth && len(first) > 0 {
		p.Lines = append(p.Lines, fmt.Sprintf("if it is bad: %s of users are sent to %s", format.Percent(rollout.UsersOf(s, first)), format.And(first)))
	}
	return p
}

// PredictWeights is what a commit of the router's weights is predicted to cost, until a verb of the plan takes it back: users whom a
// region that they are sent to does not take.
func PredictWeights(s *drill.State, c runbook.Command, weights map[string]float64, undo runbook.Verb) runbook.Impact {
	p := runbook.Impact{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	by, comes := shift.Of(s, weights)
	if !comes {
		p.Lines = []string{"the router does not go by it: nobody reconciles"}
		return p
	}
	x := commitExposure(s, c, nil, nil, undo)
	x.shifts, x.counted = &by, x.Undone+by.From
	p.Users, p.Share = x.shares()
	p.Lines = append(wording.Hurt(s, p, func(*drill.PopulationState) string { return "" }), by.Lines(s)...)
	return p
}

// commitExposure is who is affected while regions have a commit: from about when each is reconciled until it is after the commit was
// taken back. What they run does not count as a fault, so that it is counted to the end.
func commitExposure(s *drill.State, c runbook.Command, regions []string, fields []config.Field, undo runbook.Verb) *exposure {
	outcomes := map[string]outcome{}
	for _, d := range s.Datasets {
		outcomes[d.Name] = outcomeOf(s, d, runbook.Effect{})
	}
	x := newExposure(s, s, c, runbook.Effect{}, outcomes)
	x.Undone = ahead.Of(s, c, undo).Undone
	for _, name := range regions {
		at, comes := rollout.After(s, name)
		if !comes {
			continue
		}
		all := append(s.Config.Open(name), fields...)
		before := x.setups[name][0]
		with := setup{from: at, refuses: s.Config.RestrictionsWith(name, all), replicas: rollout.Replicas(all, before.replicas), each: rollout.Capacity(all), secret: before.secret}
		back := setup{from: x.Undone + at, refuses: s.Config.RestrictionsWith(name, s.Config.Open(name)), replicas: rollout.Replicas(s.Config.Open(name), before.replicas), secret: rollout.Secret(s.Config.Open(name), before.secret)}
		x.setups[name] = []setup{before, with, back}
	}
	x.counted = x.Undone + rollout.Last(len(regions), s.Fleet.Config)
	return x
}

// DriftLines say what a change by hand in a region does, as fields are wanted by who makes it: to users now, for how long, and to
// who fails over there meanwhile.
func DriftLines(s *drill.State, c runbook.Command, fields []config.Field) []string {
	p := runbook.Impact{Users: map[string]float64{}}
	if s.Config.Region(c.Region) == nil {
		return nil
	}
	x := driftExposure(s, c, fields)
	p.Users, p.Share = x.shares()
	lines, then := wording.Hurt(s, p, func(*drill.PopulationState) string { return "" }), c.Region+" then: "
	if p.Share < wording.Worth {
		lines, then = []string{"no user is predicted to be hurt now"}, "a failover there meets this: "
	}
	for _, why := range costAt(s, c.Region, fields) {
		lines = append(lines, then+why)
	}
	if _, comes := rollout.After(s, c.Region); comes {
		return append(lines, "its reconciler puts it right within "+format.Span(s.Fleet.Config.Every))
	}
	return append(lines, "nobody puts it right: "+format.Either(s.Fleet.Config.Mode == topology.ConfigManual, "the fleet is in manual mode", "nobody reconciles it now"))
}

// costAt is what a region would refuse, and lack, with those fields that it does not now.
func costAt(s *drill.State, region string, fields []config.Field) (why []string) {
	now := s.Config.Restrictions(region)
	for _, r := range s.Config.RestrictionsWith(region, fields) {
		if !slices.ContainsFunc(now, func(o config.Restriction) bool { return o.Why == r.Why }) {
			why = append(why, r.Why)
		}
	}
	if r := s.Region(region); r != nil {
		if n := rollout.Replicas(fields, r.Web); n < r.Web {
			why = append(why, lacking(fmt.Sprint(n), fmt.Sprint(r.Web)))
		}
	}
	return why
}

// driftExposure is who is affected by a change by hand until it is put right, or as long as a fault is taken to last.
func driftExposure(s *drill.State, c runbook.Command, fields []config.Field) *exposure {
	outcomes := map[string]outcome{}
	for _, d := range s.Datasets {
		outcomes[d.Name] = outcomeOf(s, d, runbook.Effect{})
	}
	x := newExposure(s, s, c, runbook.Effect{}, outcomes)
	x.counted = x.Undone
	is := x.setups[c.Region][0]
	drifted := setup{refuses: s.Config.RestrictionsWith(c.Region, fields), replicas: rollout.Replicas(fields, is.replicas), each: rollout.Capacity(fields), secret: rollout.Secret(fields, is.secret)}
	is.from = never
	if at, comes := rollout.After(s, c.Region); comes {
		is.from, x.counted = at, at
	}
	x.setups[c.Region] = []setup{drifted, is}
	return x
}
