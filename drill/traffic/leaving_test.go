package traffic

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
	"github.com/fleetdrill/fleetdrill/drill/traffic/router"
)

// away is which regions are off, and since when the router calls one down.
type away struct {
	mu   sync.Mutex
	off  map[string]bool
	down map[string]time.Duration
}

func (a *away) is(region string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.off[region]
}

func (a *away) turn(region string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.off[region] = !a.off[region]
}

func (a *away) report(now time.Duration, b drill.Body) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if j, is := b.(drill.RegionJudged); is && j.Up {
		delete(a.down, j.Region)
	} else if is {
		a.down[j.Region] = now
	}
}

func (a *away) downFor(region string, now time.Duration) (time.Duration, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, down := a.down[region]
	return now - at, down
}

// Whatever regions do, by every policy and by both entries: once the router calls a region down, no request is sent there
// after the TTL; but for users whose resolver ignores the TTL, and only until that asks anew. By a load balancer none is.
func TestNoRequestToARegionThatIsDown(t *testing.T) {
	for _, p := range policy.All {
		for _, entry := range topology.Entries() {
			t.Run(p.Name+" "+entry, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { leaving(t, p.Name, entry, 1) })
			})
		}
	}
}

func leaving(t *testing.T, rule, entry string, seed uint64) {
	a := &away{off: map[string]bool{}, down: map[string]time.Duration{}}
	var r *router.Router
	var late, sent atomic.Int64
	w := newWorld(t, func(c *UsersConfig) {
		c.Seed = seed
		c.Fleet.Routing.Policy, c.Fleet.Routing.Entry = rule, entry
		c.Fleet.Routing.Weights, c.Fleet.Routing.Ramp = map[string]float64{"us": 0.5, "eu": 0.5}, 2*time.Second
		c.Fleet.Routing.Probe = topology.Probe{Every: 250 * ms, Timeout: 500 * ms, DownAfter: 3, UpAfter: 4, HoldDown: time.Second}
		c.Fleet.Users[0].RTT = map[string]time.Duration{"us": ms, "eu": 2 * ms}
		if entry == topology.EntryDNS {
			c.Fleet.Users[0].IgnoreTTL = 0.2
		}
		now := c.Now
		r = router.New(router.Config{Fleet: c.Fleet, Seed: seed, Now: now, Report: func(b drill.Body) { a.report(now(), b) },
			Probe: func(_ context.Context, region string) error {
				if a.is(region) {
					return syscall.ECONNREFUSED
				}
				return nil
			}})
		c.Route = r.Route
	})
	fleet := w.users.cfg.Fleet
	ttl, longest := fleet.AnswerTTL(fleet.Users[0]), time.Duration(0)
	if entry == topology.EntryDNS {
		longest = fleet.IgnoredTTL()
	}
	w.meet(func(q asked) error {
		sent.Add(1)
		switch took, down := a.downFor(q.region, q.at); {
		case down && took > longest:
			t.Errorf("%s: sent to %s, which was called down %s ago", q.at, q.region, took)
		case down && took > ttl:
			late.Add(1)
		}
		if a.is(q.region) {
			return syscall.ECONNREFUSED
		}
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	time.Sleep(ms)
	draw := rand.New(rand.NewPCG(seed, 3))
	w.run(t, func() {
		for range 40 {
			time.Sleep(time.Second)
			if region := []string{"us", "eu"}[draw.IntN(2)]; draw.Float64() < 0.2 {
				a.turn(region)
			}
		}
	})
	cancel()
	<-done
	if share := float64(late.Load()) / float64(sent.Load()); share > 0.2 || sent.Load() < 2000 {
		t.Errorf("%d of %d requests were sent to a region that was down for longer than the TTL, and a fifth of the users ignore it", late.Load(), sent.Load())
	}
}
