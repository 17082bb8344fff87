package impact

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/impact/rollout"
	"github.com/fleetdrill/fleetdrill/drill/impact/wording"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// A commit that names another Secret hurts nobody by itself: what one region has and another has not yet is what writes between the two
// are refused for (401), from the one to the other wave, or for good where a gate holds it in between.

// secretOf is the Secret whose credentials a region writes with. One of which nothing was told has what another one has that was not
// changed by hand, or what a repository begins with.
func secretOf(s *drill.State, region string) string {
	if is := s.Config.SecretOf(region); is != "" {
		return is
	}
	for _, r := range s.Config.Regions {
		if is := s.Config.SecretOf(r.Name); is != "" && is != config.Rotated {
			return is
		}
	}
	if how := s.Fleet.Config; how != nil && how.Repository == "" {
		return config.FirstSecret
	}
	return ""
}

// secretAt is the Secret whose credentials a region writes with at a time.
func secretAt(e *exposure, region string, at time.Duration) string {
	if is := runs(e, region, at); is != nil {
		return is.secret
	}
	return ""
}

// predictRotation is what a commit is predicted to cost that has regions write with another Secret's credentials.
func predictRotation(s *drill.State, c runbook.Command, only, name string, undo runbook.Verb) runbook.Impact {
	x := newExposure(s, s, c, runbook.Effect{}, stayingOutcomes(s))
	given := func(at map[string]time.Duration) {
		for region, from := range at {
			with := x.setups[region][0]
			with.from, with.secret = from, name
			x.setups[region] = []setup{x.setups[region][0], with}
		}
	}
	at, held := rollout.Schedule(s, only, func(at map[string]time.Duration) string {
		given(at)
		return heldBy(x, at)
	})
	given(at)
	reverts := ahead.Of(s, c, undo)
	x.Undone = reverts.Undone
	last := slices.Max(append(slices.Collect(maps.Values(at)), 0))
	if !reverts.Lifts {
		x.Undone = max(untilEnd(s, c), last+window)
	}
	x.counted = x.Undone
	if reverts.Lifts { // it comes to the regions as the commit did
		x.counted += last
		for region, from := range at {
			back := x.setups[region][0]
			back.from = x.Undone + from
			x.setups[region] = append(x.setups[region], back)
		}
	}
	p := runbook.Impact{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	p.Users, p.Share = x.shares()
	p.Lines = wording.Hurt(s, p, func(*drill.PopulationState) string { return "" })
	first, later := rollout.Reached(s, only)
	p.Lines = append(p.Lines, rollout.Lines(s, first, later, held != "")...)
	p.Lines = append(p.Lines, refusedBetween(x, at, held)...)
	return p
}

// stayingOutcomes is that of each dataset where nothing is taken away.
func stayingOutcomes(s *drill.State) map[string]outcome {
	all := map[string]outcome{}
	for _, d := range s.Datasets {
		all[d.Name] = outcomeOf(s, d, runbook.Effect{})
	}
	return all
}

// untilEnd is how long a plan goes on behind a command's step; ahead.DefaultUndone where it is in none.
func untilEnd(s *drill.State, c runbook.Command) time.Duration {
	if i := ahead.StepOf(s, c); i >= 0 {
		return s.Plan.End - s.Plan.Steps[i].At
	}
	return ahead.DefaultUndone
}

// heldBy is why a gate holds a revision that some regions have: the share of requests that is answered where the router sends users to
// those; "" where it does not.
func heldBy(x *exposure, at map[string]time.Duration) string {
	gate, now := x.s.Fleet.Config.Gate, slices.Max(slices.Collect(maps.Values(at)))
	if gate == nil {
		return ""
	}
	for _, region := range slices.Sorted(maps.Keys(at)) {
		good, all := 0.0, 0.0
		for _, p := range x.s.Populations {
			if p.Region == region {
				good, all = good+p.Spec.Rate*(1-refusedOf(x, p, now)), all+p.Spec.Rate
			}
		}
		if all > 0 && good/all < gate.Success {
			return fmt.Sprintf("%s answers %s of requests, the gate asks for %s", region, format.Percent(good/all), format.Percent(gate.Success))
		}
	}
	return ""
}

// refusedOf is the share of a population's requests that are refused at a time, since their region writes with another Secret than who
// leads what they write to.
func refusedOf(x *exposure, p *drill.PopulationState, at time.Duration) (share float64) {
	names := x.s.Fleet.DatasetsOf(p.Spec)
	for _, name := range names {
		d := x.s.Dataset(name)
		for _, region := range x.s.Fleet.RegionNames() {
			if d.Authority != "" && region != d.Authority && secretAt(x, region, at) != secretAt(x, d.Authority, at) {
				share += measure.ShareServedBy(p, region) * p.Spec.Writes / float64(len(names))
			}
		}
	}
	return share
}

// refusedBetween says who is refused by which wave, from when, and until when: until a later wave, or for good where it is held.
func refusedBetween(x *exposure, at map[string]time.Duration, held string) (lines []string) {
	times := slices.Compact(slices.Sorted(maps.Values(at)))
	for i, from := range times {
		var have, who []string
		for _, region := range slices.Sorted(maps.Keys(at)) {
			if at[region] == from {
				have = append(have, region)
			}
		}
		for _, p := range x.s.Populations {
			if share := refusedOf(x, p, from); share >= wording.Worth {
				who = append(who, fmt.Sprintf("%s of requests in %s", format.Percent(share), p.Spec.Name))
			}
		}
		if len(who) == 0 {
			continue
		}
		until := "and stay so until it is taken back"
		if i+1 < len(times) {
			until = "for about " + format.Span(times[i+1]-from)
		} else if held != "" {
			until += ": " + held
		}
		lines = append(lines, fmt.Sprintf("about %s from now, once %s it: %s are refused with 401, %s", format.Span(from),
			format.And(have)+format.Either(len(have) == 1, " has", " have"), format.And(who), until))
	}
	if len(lines) == 0 && len(at) > 0 {
		lines = append(lines, "no write is refused for longer than the regions of one wave take to have it")
	}
	return lines
}
