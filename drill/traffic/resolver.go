package traffic

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

// resolveWithin is how long a resolver waits for the name server, which is on this machine: thousands of times what an
// answer takes.
const resolveWithin = time.Second

// resolvers are the DNS resolvers between a population and the fleet's name server. Each keeps an answer for its TTL, and a
// user always asks the same one. So after a reroute users move over the length of a TTL, a resolver at a time, and until
// its answer expires a resolver's users go on asking a dead region.
//
// Some ignore the TTL and keep an answer for longer. All of them keep for a while that the server failed
// (topology.DefaultFailureTTL).
type resolvers struct {
	ask  func(context.Context) (zone.Answer, error)
	now  func() time.Duration
	spec resolverSpec

	mu     sync.Mutex
	caches []cached // those that heed the TTL, then as many that ignore it
}

// resolverSpec is what the resolvers of a population are like.
type resolverSpec struct {
	n       int           // of each kind
	users   int           // of the population
	ignore  float64       // the share of users whose resolver ignores the TTL
	ignored time.Duration // for how long one of those keeps an answer
}

type cached struct {
	region  string
	expires time.Duration
	failed  time.Duration // until when a failure is kept
	err     error         // which
	asked   bool          // it has had an answer
	head    float64       // how much earlier the first answer expires, as a share of its time
	asking  *question     // nil while nobody asks
}

// question is one that several users wait for.
type question struct {
	answered chan struct{}
	region   string // once it is answered
	err      error  // why there is no region
}

func newResolvers(spec resolverSpec, draw *rand.Rand, now func() time.Duration, ask func(context.Context) (zone.Answer, error)) *resolvers {
	r := &resolvers{ask: ask, now: now, spec: spec, caches: make([]cached, 2*spec.n)}
	for i := range r.caches {
		// Resolvers that began together must not go on expiring together.
		r.caches[i].head = draw.Float64()
	}
	return r
}

// of is the resolver that a user asks. Users whose resolver ignores the TTL are the first of their population.
func (r *resolvers) of(user int) (i int, ignores bool) {
	if float64(user) < r.spec.ignore*float64(r.spec.users) {
		return r.spec.n + user%r.spec.n, true
	}
	return user % r.spec.n, false
}

// kept is the region that a user's resolver has in its cache; false where it has none.
func (r *resolvers) kept(user int, now time.Duration) (region string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, _ := r.of(user)
	region, err, ok := r.caches[i].kept(now)
	return region, ok && err == nil
}

// kept is the region, or the failure, that it has an answer of still; false where it has to ask.
func (c *cached) kept(now time.Duration) (region string, err error, ok bool) {
	switch {
	case c.region != "" && now < c.expires:
		return c.region, nil, true
	case now < c.failed:
		return "", c.err, true
	}
	return "", nil, false
}

// find is the region that a user's resolver answers with, from its cache or from the name server; users who ask one
// resolver at the same time wait for one question. The error is policy.ErrNoRegion, policy.ErrJurisdiction, or why
// there was no answer, also that ctx ended first.
func (r *resolvers) find(ctx context.Context, user int) (string, error) {
	i, ignores := r.of(user)
	c := &r.caches[i]
	r.mu.Lock()
	if region, err, ok := c.kept(r.now()); ok {
		r.mu.Unlock()
		return region, err
	}
	q, first := c.asking, c.asking == nil
	if first {
		q = &question{answered: make(chan struct{})}
		c.asking = q
	}
	r.mu.Unlock()
	if first {
		r.look(ctx, c, ignores)
	}
	select {
	case <-q.answered:
		return q.region, q.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// look asks the name server, and keeps what it says for those who wait and come later. The limit of the user
// who began it does not end it, since others wait, too: that user gives up once it is over, after resolveWithin at most.
func (r *resolvers) look(ctx context.Context, c *cached, ignores bool) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), resolveWithin)
	defer cancel()
	answer, err := r.ask(limited)
	r.mu.Lock()
	defer r.mu.Unlock()
	q := c.asking
	defer close(q.answered)
	c.asking = nil
	now := r.now()
	if err != nil {
		q.err = err
		c.region, c.failed, c.err = "", now, err
		if answered := errors.Is(err, policy.ErrNoRegion) || errors.Is(err, policy.ErrJurisdiction); answered {
			c.failed += topology.DefaultFailureTTL
		}
		return
	}
	keep := answer.TTL
	if ignores {
		keep = max(keep, r.spec.ignored)
	}
	if !c.asked {
		c.asked = true
		keep -= time.Duration(c.head * float64(keep))
	}
	c.region, c.expires, c.failed = answer.Region, now+keep, 0
	q.region = answer.Region
}
