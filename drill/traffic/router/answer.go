package router

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// reroute answers every population anew and returns what changed.
func (r *Router) reroute() []drill.Body {
	var changed []drill.Body
	for _, p := range r.cfg.Fleet.Users {
		from, to := r.answers[p.Name], r.pick(p)
		if to == nil || from.Equal(*to) {
			continue
		}
		r.answers[p.Name] = *to
		changed = append(changed, drill.Rerouted{
			Population: p.Name, From: from.Main(), To: to.Main(), Shares: to.Parts(), Why: r.why(p, from, *to), Refused: to.Err == policy.ErrJurisdiction,
		})
	}
	return changed
}

// pick is what the policy answers for the population. It is nil while that would be a region without a verdict yet, so
// that a fleet which comes up does not begin with a round of reroutes.
func (r *Router) pick(p topology.Population) *policy.Answer {
	a := policy.Of(r.cfg.Fleet, p, func(region string) bool {
		s := r.regions[region]
		return s.eligible() || s.verdict == unknown
	})
	for _, share := range a.Shares {
		if !r.regions[share.Region].eligible() {
			return nil
		}
	}
	return &a
}

// why says why an answer changed: a region that is in it no more, or one that it has now.
func (r *Router) why(p topology.Population, from, to policy.Answer) string {
	if to.Err == policy.ErrJurisdiction {
		return policy.Refusal(p)
	}
	if r.weighed != "" {
		return gains(from, to) + " " + r.weighed
	}
	for _, share := range from.Shares {
		if s := r.regions[share.Region]; !to.Has(share.Region) && s.draining {
			return share.Region + " is being drained"
		} else if !to.Has(share.Region) && s.verdict == isDown {
			return share.Region + " is down: " + s.why
		}
	}
	for _, share := range to.Shares {
		switch {
		case from.Has(share.Region):
		case len(from.Shares) == 0:
			return share.Region + " " + r.policy.Chosen
		default:
			return share.Region + " " + r.policy.Returned
		}
	}
	return to.Main() + " " + r.policy.Chosen
}

// gains is the region that has most more by an answer than by the one before.
func gains(from, to policy.Answer) (region string) {
	most := 0.0
	for _, share := range to.Shares {
		if more := share.Part - from.Part(share.Region); more > most {
			region, most = share.Region, more
		}
	}
	return region
}

// ramp begins the ramp of a region that came back, where the fleet has one.
func (r *Router) ramp(region string) []drill.Body {
	over := r.cfg.Fleet.Routing.Ramp
	if over <= 0 {
		return nil
	}
	r.regions[region].returned = r.cfg.Now()
	return []drill.Body{drill.RegionRamped{Region: region, Over: over}}
}

// now is where a population's requests go now: its answer, less what regions that ramp up don't take yet. Called with mu
// held.
func (r *Router) now(population string) policy.Answer {
	a, at := r.answers[population], r.cfg.Now()
	part := func(region string) float64 { return r.cfg.Fleet.Routing.Ramped(at - r.regions[region].returned) }
	ramps := false
	for _, share := range a.Shares {
		ramps = ramps || part(share.Region) < 1
	}
	if !ramps {
		return a
	}
	p, _ := r.cfg.Fleet.Population(population)
	return a.Ramped(part, policy.Of(r.cfg.Fleet, p, func(region string) bool { return r.regions[region].eligible() && part(region) == 1 }))
}

// never is before all time.
const never = time.Duration(-1 << 62)
