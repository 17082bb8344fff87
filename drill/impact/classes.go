package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
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

// timeout is how long such a user waits for an answer.
func (k class) timeout() time.Duration {
	return cmp.Or(k.pop.Spec.Timeout, topology.DefaultRequestTimeout)
}

func (e *exposure) classes() []class {
	var all []class
	for _, p := range e.s.Populations {
		for _, region := range e.s.Fleet.RegionNames() {
			share := p.ShareServedBy(region)
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

// leaving is a class by its resolvers: their answers expire one after the other over the TTL
// from when the router answers anew.
func (e *exposure) leaving(k class, from time.Duration) []class {
	all := make([]class, resolvers)
	for i := range all {
		all[i] = k
		all[i].share = k.share / resolvers
		all[i].rerouted = from + time.Duration((float64(i)+0.5)/resolvers*float64(e.s.Fleet.Routing.DNSTTL))
	}
	return all
}

// routed is where the router sends a population then, by the fleet's policy: a region that it
// reaches, "" where there is none.
func (e *exposure) routed(p topology.Population) string {
	var reached []string
	for _, name := range e.s.Fleet.RegionNames() {
		if r := e.s.Region(name); r != nil && r.Health.Serves() && !e.unreachable(name) && !slices.Contains(e.e.Empties, name) {
			reached = append(reached, name)
		}
	}
	rule, _ := policy.Find(e.s.Fleet.Routing.Policy)
	return rule.Pick(p, reached)
}
