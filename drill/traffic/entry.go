package traffic

import (
	"context"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

// entry is what a population comes in by. kept is the region that a user is known to go to without asking anybody; find
// asks. Its error is policy.ErrNoRegion, policy.ErrJurisdiction, or why nobody could be asked.
type entry interface {
	kept(user int, now time.Duration) (region string, ok bool)
	find(ctx context.Context, user int) (region string, err error)
}

func newEntry(cfg UsersConfig, spec topology.Population) entry {
	if cfg.Fleet.Entry(spec) == topology.EntryLB {
		return balancer(func() (string, error) { return cfg.Route(spec.Name) })
	}
	like := resolverSpec{n: cfg.Resolvers, users: spec.Count, ignore: spec.IgnoreTTL, ignored: cfg.Fleet.IgnoredTTL()}
	return newResolvers(like, draws(cfg.Seed, spec.Name, "resolvers"), cfg.Now, func(ctx context.Context) (zone.Answer, error) {
		return cfg.Lookup(ctx, spec.Name)
	})
}

// balancer is a load balancer: one address, behind which every request goes where the router says now.
type balancer func() (string, error)

func (b balancer) kept(int, time.Duration) (string, bool)    { return "", false }
func (b balancer) find(context.Context, int) (string, error) { return b() }

// connections are those that users keep: one who does goes on with the region that answers, whatever a name server or a
// load balancer says meanwhile, and looks up anew once a request fails, or the region is drained and closes it. Who keeps
// one is the last of the population, so that they are others than those whose resolver ignores the TTL.
type connections struct {
	from   int                      // the first user who keeps one
	closes func(region string) bool // a region that closes them

	mu sync.Mutex
	to map[int]string // user → region
}

func newConnections(spec topology.Population, closes func(region string) bool) *connections {
	return &connections{from: spec.Count - int(spec.Keep*float64(spec.Count)), closes: closes, to: map[int]string{}}
}

func (c *connections) region(user int) (string, bool) {
	if user < c.from {
		return "", false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	region, ok := c.to[user]
	return region, ok && !c.closes(region)
}

// answered notes what became of a request.
func (c *connections) answered(user int, region, failure string) {
	if user < c.from {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if failure == "" {
		c.to[user] = region
	} else {
		delete(c.to, user)
	}
}
