package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/impact/rollout"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What regions refuse by what they run (config.Restrictions), and take, while a command takes effect.

// setup is what a region runs from a time on, until another one.
type setup struct {
	from     time.Duration
	refuses  []config.Restriction
	replicas int      // of its web tier
	secret   string   // whose credentials its web tier writes with at other regions
	each     *float64 // requests per second that a replica takes, 0 for any number; nil is what the state says
}

// setupsOf is what each governed region runs over time where nothing is committed: what it runs now, and where somebody reconciles it,
// from then on what it is to run.
func setupsOf(s *drill.State) map[string][]setup {
	if s.Config == nil {
		return nil
	}
	out := map[string][]setup{}
	for _, region := range s.Config.Regions {
		r := s.Region(region.Name)
		if r == nil {
			continue
		}
		now := secretOf(s, region.Name)
		out[region.Name] = []setup{{refuses: s.Config.Restrictions(region.Name), replicas: r.Web, secret: now}}
		if open := s.Config.Open(region.Name); len(open) > 0 {
			if at, comes := rollout.After(s, region.Name); comes {
				out[region.Name] = append(out[region.Name], setup{from: at, refuses: s.Config.RestrictionsWith(region.Name, open), replicas: rollout.Replicas(open, r.Web), secret: rollout.Secret(open, now)})
			}
		}
	}
	return out
}

// runs is what a region runs at a time; nil where no repository governs it.
func runs(e *exposure, region string, at time.Duration) *setup {
	all := e.setups[region]
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].from <= at {
			return &all[i]
		}
	}
	return nil
}

// refuses reports whether a region refuses a thing at a time by what it runs: of a kind, and of config.RefusesDataset one dataset.
func refuses(e *exposure, region string, at time.Duration, kind, dataset string) bool {
	is := runs(e, region, at)
	return is != nil && slices.ContainsFunc(is.refuses, func(r config.Restriction) bool { return r.Kind == kind && r.Dataset == dataset })
}

// refusesUsers reports whether a region refuses such a request of its users at a time.
func refusesUsers(e *exposure, region string, at time.Duration, write bool) bool {
	return refuses(e, region, at, config.RefusesAll, "") || write && refuses(e, region, at, config.RefusesWrites, "")
}

// refusesWay reports whether a request that a region passes on to the authority of a dataset is refused, by either of them: the one may
// not talk to others, no role lets the other take the write, or it takes none with the credentials of the one.
func refusesWay(e *exposure, region, authority string, at time.Duration, dataset string, write bool) bool {
	return region != authority && refuses(e, region, at, config.RefusesRegions, "") ||
		write && refuses(e, authority, at, config.RefusesDataset, dataset) ||
		write && region != authority && secretAt(e, region, at) != secretAt(e, authority, at)
}

// governedCapacity is what the web replicas of a region take together at a time, where what it runs is to change; false where not.
func governedCapacity(e *exposure, region string, at time.Duration) (perSecond float64, limited, known bool) {
	all, is := e.setups[region], runs(e, region, at)
	if len(all) < 2 || is == nil {
		return 0, false, false
	}
	each := eachTakes(e, region, at)
	return each * float64(is.replicas), each > 0 || is.replicas == 0, true
}

// eachTakes is what each web replica of a region takes at a time, 0 for any number.
func eachTakes(e *exposure, region string, at time.Duration) float64 {
	if is := runs(e, region, at); is != nil && is.each != nil {
		return *is.each
	}
	return measure.PerReplica(e.s, region)
}

// hindered says of the regions that take over, by leading a dataset or by serving users, what they refuse by what they run, and
// where somebody left them with fewer web replicas than they are to have.
func hindered(then *drill.State, x *exposure) (lines []string) {
	if then.Config == nil {
		return nil
	}
	var regions []string
	add := func(region string) {
		if region != "" && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	for _, d := range then.Datasets {
		if o := x.outcomes[d.Name]; o.moves && o.to != d.Authority {
			add(o.to)
		}
	}
	for _, p := range then.Populations {
		if gone, _ := leave(x, served(then.Fleet, p)); gone != nil {
			for _, to := range x.routed(p.Spec).Shares {
				add(to.Region)
			}
		}
	}
	for _, region := range regions {
		for _, why := range Hindrances(then, region) {
			lines = append(lines, region+", which takes over: "+why)
		}
	}
	return lines
}

// Hindrances is why a region is not what the repository wants it to be for who fails over to it, a reason each: what it refuses,
// and how many web replicas it lacks.
func Hindrances(s *drill.State, region string) (why []string) {
	for _, r := range s.Config.Restrictions(region) {
		why = append(why, r.Why)
	}
	for _, f := range s.Config.Open(region) {
		if f.String() == config.Replicas().String() && f.Actual != f.Wanted {
			why = append(why, lacking(f.Actual, f.Wanted))
		}
	}
	return why
}

// lacking says of a web tier that it is not as large as it is to be.
func lacking(has, wanted string) string {
	return "it has " + cmp.Or(has, "none") + " of " + wanted + " web replicas, by a change by hand"
}

// unreconciled says what stays as it is while the hub is gone, where that reconciles; "" where it does not, or is not gone.
func unreconciled(then *drill.State) (lines []string) {
	how := then.Fleet.Config
	if how == nil || how.Mode != topology.ConfigHub || !unled(then) {
		return nil
	}
	lines = append(lines, "nobody reconciles while the hub is gone: commits wait, and what is changed by hand stays")
	if then.Config == nil {
		return lines
	}
	for _, r := range then.Config.Regions {
		if len(then.Config.Open(r.Name)) > 0 {
			lines = append(lines, r.Name+" has drifted, and stays so")
		}
	}
	return lines
}
