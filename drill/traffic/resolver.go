package traffic

import (
	"math/rand/v2"
	"sync"
	"time"
)

// resolvers are the DNS resolvers between a population and the router. Each
// caches the router's answer for the TTL, and a user always asks the same one. So
// after a reroute users move over the length of a TTL, a resolver at a time,
// and until its answer expires a resolver's users go on asking a dead region.
//
// That the router has no region is not cached: resolvers keep a server's failure
// for a few seconds at most (RFC 2308, 7.1), and a user who asks again does so anew.
type resolvers struct {
	resolve func() (string, bool)
	ttl     time.Duration

	mu     sync.Mutex
	caches []cached
}

type cached struct {
	region  string
	expires time.Duration
	// head is how much earlier the first answer expires, so that resolvers that
	// began together do not go on expiring together.
	head time.Duration
}

func newResolvers(n int, ttl time.Duration, draw *rand.Rand, resolve func() (string, bool)) *resolvers {
	r := &resolvers{resolve: resolve, ttl: ttl, caches: make([]cached, n)}
	for i := range r.caches {
		r.caches[i].head = time.Duration(draw.Float64() * float64(ttl))
	}
	return r
}

// lookup is the region that a user's resolver answers with now.
func (r *resolvers) lookup(user int, now time.Duration) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := &r.caches[user%len(r.caches)]
	if c.region != "" && now < c.expires {
		return c.region, true
	}
	region, ok := r.resolve()
	if !ok {
		c.region = ""
		return "", false
	}
	c.region, c.expires = region, now+r.ttl-c.head
	c.head = 0
	return region, true
}
