package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// class is users who are alike: of one population, served by one region, whose resolver's
// answer expires at the same time after a reroute.
type class struct {
	pop      *drill.PopulationState
	share    float64 // of the population
	region   string
	next     string        // the region that serves them after a reroute
	rerouted time.Duration // when they are rerouted; never where they are not
}

// served is the region that such a user's requests go to at a time.
func (k class) served(at time.Duration) string {
	if at >= k.rerouted {
		return k.next
	}
	return k.region
}

// shed is the share of requests that a region's web tier refuses at a time, since more come than it has capacity for. Once
// the fault is lifted its users go back.
func (e *exposure) shed(classes []class, region string, at time.Duration) float64 {
	capacity, rate := e.s.Fleet.Web.Capacity, 0.0
	if capacity <= 0 || at >= e.undone || e.silent(region, at) {
		return 0
	}
	for _, k := range classes {
		if k.served(at) == region {
			rate += k.pop.Spec.Rate * k.share
		}
	}
	return max(0, 1-capacity/max(rate, capacity))
}

// timeout is how long such a user waits for an answer.
func (k class) timeout() time.Duration {
	return cmp.Or(k.pop.Spec.Timeout, topology.DefaultRequestTimeout)
}

func (e *exposure) classes() []class {
	var all []class
	for _, p := range e.s.Populations {
		for _, region := range e.s.Fleet.RegionNames() {
			share := measure.ShareServedBy(p, region)
			if share == 0 {
				continue
			}
			next := e.routed(p.Spec)
			leaves := next != "" && next != region
			switch {
			case leaves && slices.Contains(e.e.Empties, region):
				all = append(all, e.leaving(class{pop: p, share: share, region: region, next: next}, e.handedOver())...)
			case leaves && e.unreachable(region):
				all = append(all, e.leaving(class{pop: p, share: share, region: region, next: next}, e.detected)...)
			default:
				all = append(all, class{pop: p, share: share, region: region, next: next, rerouted: never})
			}
		}
	}
	return all
}

// leaving is a class by its resolvers: their answers expire one after the other over the TTL from when the router answers
// anew, those of the resolvers that ignore it over a longer one.
func (e *exposure) leaving(k class, from time.Duration) []class {
	const resolvers = topology.DefaultResolvers
	var all []class
	over := func(share float64, ttl time.Duration) {
		for i := range resolvers {
			one := k
			one.share = share / resolvers
			one.rerouted = from + time.Duration((float64(i)+0.5)/resolvers*float64(ttl))
			all = append(all, one)
		}
	}
	over(k.share*(1-k.pop.Spec.IgnoreTTL), e.s.Fleet.AnswerTTL(k.pop.Spec))
	if k.pop.Spec.IgnoreTTL > 0 {
		over(k.share*k.pop.Spec.IgnoreTTL, e.s.Fleet.IgnoredTTL())
	}
	return all
}

// routed is where the router sends a population then, by the fleet's policy: a region that it
// reaches, "" where there is none.
func (e *exposure) routed(p topology.Population) string {
	var reached []string
	for _, name := range e.s.Fleet.RegionNames() {
		if r := e.s.Region(name); r != nil && p.ServedBy(e.s.Fleet, name) && r.Health.Serves() && !e.unreachable(name) && !slices.Contains(e.e.Empties, name) {
			reached = append(reached, name)
		}
	}
	rule, _ := policy.Find(e.s.Fleet.Routing.Policy)
	return rule.Pick(p, reached)
}
