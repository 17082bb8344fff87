package impact

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// PredictCommit is what a commit is predicted to cost that gives fields another value, in one region or where that is "" in all, until
// a verb of the plan takes it back. What a version that nobody has run does is not known: it is said whom it would hurt at most.
func PredictCommit(s *drill.State, c runbook.Command, region string, fields []config.Field, undo runbook.Verb) runbook.Impact {
	first, later := reached(s, region)
	x := commitExposure(s, c, first, fields, undo)
	p := runbook.Impact{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	p.Users, p.Share = x.shares()
	if p.Share < worthALine && len(later) > 0 { // nobody is hurt, so that the gate lets it through to all
		x = commitExposure(s, c, append(slices.Clone(first), later...), fields, undo)
		p.Users, p.Share = x.shares()
	}
	p.Lines = append(hurtLines(s, p, func(*drill.PopulationState) string { return "" }), reachLines(s, first, later, p.Share)...)
	for _, name := range first {
		for _, r := range s.Config.RestrictionsWith(name, append(s.Config.Open(name), fields...)) {
			p.Lines = append(p.Lines, name+" then: "+r.Why)
		}
	}
	if p.Share < worthALine && len(first) > 0 {
		p.Lines = append(p.Lines, fmt.Sprintf("if it is bad: %s of users are sent to %s", format.Percent(usersOf(s, first)), format.And(first)))
	}
	return p
}

// reached is the regions that a commit reaches: those of the first wave, and those of later waves, which a gate may hold. Neither has
// one that is not reconciled now.
func reached(s *drill.State, only string) (first, later []string) {
	if s.Config == nil || s.Fleet.Config == nil {
		return nil, nil
	}
	var governed []string
	for _, r := range s.Fleet.RegionNames() {
		if topology.Governs(s.Fleet, r) {
			governed = append(governed, r)
		}
	}
	for i, wave := range (config.Rollout{Regions: governed, Waves: s.Fleet.Config.Waves}).InWaves() {
		for _, region := range wave {
			if _, comes := reconciledAfter(s, region); !comes || only != "" && region != only {
				continue
			}
			if i == 0 {
				first = append(first, region)
			} else {
				later = append(later, region)
			}
		}
	}
	if only != "" && len(first) == 0 { // another region's commit passes the first wave by
		return later, nil
	}
	return first, later
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
		at, comes := reconciledAfter(s, name)
		if !comes {
			continue
		}
		all := append(s.Config.Open(name), fields...)
		before := x.setups[name][0]
		with := setup{from: at, refuses: s.Config.RestrictionsWith(name, all), replicas: wantedReplicas(all, before.replicas), each: wantedCapacity(all)}
		back := setup{from: x.Undone + at, refuses: s.Config.RestrictionsWith(name, s.Config.Open(name)), replicas: wantedReplicas(s.Config.Open(name), before.replicas)}
		x.setups[name] = []setup{before, with, back}
	}
	x.counted = x.Undone + lastOf(len(regions), s.Fleet.Config)
	return x
}

// lastOf is about when the last of n regions is reconciled, each at any time within an interval.
func lastOf(n int, how *topology.Config) time.Duration {
	if how == nil || n == 0 {
		return 0
	}
	return how.Every * time.Duration(n) / time.Duration(n+1)
}

// reachLines say which regions a commit reaches, and when the others have it.
func reachLines(s *drill.State, first, later []string, hurts float64) (lines []string) {
	how := s.Fleet.Config
	switch {
	case how.Mode == topology.ConfigManual:
		return []string{"no region gets it by itself: the fleet is in manual mode"}
	case len(first) == 0:
		return []string{"no region gets it now: nobody reconciles them"}
	case len(later) == 0:
		return []string{fmt.Sprintf("%s within %s", format.And(first)+format.Either(len(first) == 1, " has it", " have it"), format.Span(how.Every))}
	}
	lines = append(lines, fmt.Sprintf("%s first, within %s", format.And(first), format.Span(how.Every)))
	switch rest := format.And(later); {
	case how.Gate == nil:
		lines = append(lines, rest+" once it works there")
	case hurts >= worthALine:
		lines = append(lines, fmt.Sprintf("the gate holds it before %s: it asks for %s of requests answered", rest, format.Percent(how.Gate.Success)))
	default:
		lines = append(lines, fmt.Sprintf("%s once %s of requests are answered there for %s", rest, format.Percent(how.Gate.Success), format.Span(how.Gate.For)))
	}
	return lines
}

// RevertLines say what taking the newest commit back does: which regions have it, and how soon they have what was before.
func RevertLines(s *drill.State) []string {
	if s.Config == nil || s.Config.Head.Hash == "" {
		return nil
	}
	var have, alone []string
	for _, r := range s.Config.Regions {
		switch _, comes := reconciledAfter(s, r.Name); {
		case r.Applied != s.Config.Head.Hash:
		case comes:
			have = append(have, r.Name)
		default:
			alone = append(alone, r.Name)
		}
	}
	var lines []string
	if len(have) > 0 {
		within := s.Fleet.Config.Every
		text := fmt.Sprintf("%s %s what was before within %s", format.And(have), format.Either(len(have) == 1, "has", "have"), format.Span(within))
		if len(s.Fleet.Config.Waves) > 1 {
			text += ", wave after wave"
			if g := s.Fleet.Config.Gate; g != nil && len(have) > 1 {
				text += fmt.Sprintf(": a later one not before those before it answered %s of requests for %s", format.Percent(g.Success), format.Span(g.For))
			}
		}
		lines = append(lines, text)
	}
	if len(alone) > 0 {
		lines = append(lines, strings.Join(alone, ", ")+format.Either(len(alone) == 1, " keeps", " keep")+" it: nobody reconciles there now")
	}
	if len(have)+len(alone) == 0 {
		lines = append(lines, "no region has it: only the repository changes")
	}
	return lines
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
	lines, then := hurtLines(s, p, func(*drill.PopulationState) string { return "" }), c.Region+" then: "
	if p.Share < worthALine {
		lines, then = []string{"no user is predicted to be hurt now"}, "a failover there meets this: "
	}
	for _, why := range costAt(s, c.Region, fields) {
		lines = append(lines, then+why)
	}
	if _, comes := reconciledAfter(s, c.Region); comes {
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
		if n := wantedReplicas(fields, r.Web); n < r.Web {
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
	drifted := setup{refuses: s.Config.RestrictionsWith(c.Region, fields), replicas: wantedReplicas(fields, is.replicas), each: wantedCapacity(fields)}
	is.from = never
	if at, comes := reconciledAfter(s, c.Region); comes {
		is.from, x.counted = at, at
	}
	x.setups[c.Region] = []setup{drifted, is}
	return x
}
