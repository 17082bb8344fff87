package traffic

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

// A dead region is asked until the cached answer expires, and not once after.
func TestUsersMoveOverTheTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			time.Sleep(10 * time.Second)
			moved := w.now()
			w.reroute("americas", "eu")
			time.Sleep(10 * time.Second)
			heard := w.all()
			share := func(from, until time.Duration) float64 {
				old, all := 0, 0
				for _, a := range heard {
					if a.at < moved+from || a.at >= moved+until {
						continue
					}
					all++
					if a.region == "us" {
						old++
					}
				}
				return float64(old) / float64(all)
			}
			first, last, after := share(0, 250*ms), share(1500*ms, 2*time.Second), share(2*time.Second, 10*time.Second)
			if first < 0.6 || last > 0.4 || last >= first {
				t.Errorf("%.2f ask the old region at first, %.2f after three quarters of the TTL", first, last)
			}
			if after != 0 {
				t.Errorf("%.4f ask the old region after the TTL", after)
			}
		})
	})
}

// fakeServer is a name server whose answer a test sets.
type fakeServer struct {
	region string
	ttl    time.Duration
	asked  int
	err    error // where it has no region; nil is policy.ErrNoRegion
}

func (f *fakeServer) ask(context.Context) (zone.Answer, error) {
	f.asked++
	if f.region == "" {
		return zone.Answer{}, cmp.Or(f.err, policy.ErrNoRegion)
	}
	return zone.Answer{Region: f.region, TTL: f.ttl}, nil
}

func (f *fakeServer) resolvers(spec resolverSpec) (lookup func(user int, at time.Duration) string, r *resolvers) {
	now := time.Duration(0)
	r = newResolvers(spec, rand.New(rand.NewPCG(1, 2)), func() time.Duration { return now }, f.ask)
	return func(user int, at time.Duration) string {
		now = at
		region, _ := r.find(context.Background(), user)
		return region
	}, r
}

func TestResolvers(t *testing.T) {
	server := &fakeServer{region: "us", ttl: 2 * time.Second}
	lookup, r := server.resolvers(resolverSpec{n: 4, users: 8})
	for user := range 8 {
		lookup(user, 0)
	}
	if server.asked != 4 {
		t.Errorf("8 users of 4 resolvers asked the name server %d times", server.asked)
	}
	var expire []time.Duration
	for _, c := range r.caches[:4] {
		if c.expires < 0 || c.expires > 2*time.Second {
			t.Errorf("a first answer is kept until %s", c.expires)
		}
		expire = append(expire, c.expires)
	}
	slices.Sort(expire)
	if len(slices.Compact(expire)) != 4 {
		t.Errorf("first answers expire at %v", expire)
	}
	at := 10 * time.Second
	lookup(0, at)
	server.region = "eu"
	if got := lookup(0, at+2*time.Second-1); got != "us" {
		t.Errorf("just before the TTL is over: %q", got)
	}
	if got := lookup(4, at+2*time.Second); got != "eu" {
		t.Errorf("once it is over, another user of the same resolver: %q", got)
	}
}

// A failure of the server is kept for a second, and no longer.
func TestResolversKeepAFailure(t *testing.T) {
	server := &fakeServer{ttl: 2 * time.Second}
	lookup, _ := server.resolvers(resolverSpec{n: 1, users: 1})
	at := 10 * time.Second
	if got := lookup(0, at); got != "" {
		t.Errorf("with no region: %q", got)
	}
	server.region = "us"
	if got := lookup(0, at+topology.DefaultFailureTTL-1); got != "" || server.asked != 1 {
		t.Errorf("within the failure's TTL: %q, asked %d times", got, server.asked)
	}
	if got := lookup(0, at+topology.DefaultFailureTTL); got != "us" {
		t.Errorf("after it: %q", got)
	}
}

// The share of users whose resolver ignores the TTL is what the file says, and they stay for longer.
func TestResolversThatIgnoreTheTTL(t *testing.T) {
	server := &fakeServer{region: "us", ttl: time.Second}
	const users = 100
	lookup, r := server.resolvers(resolverSpec{n: 4, users: users, ignore: 0.2, ignored: 30 * time.Second})
	asking := func(at time.Duration) (us int) {
		for user := range users {
			if lookup(user, at) == "us" {
				us++
			}
		}
		return us
	}
	asking(0)
	for i := range r.caches { // the first answers expire early, so that not all expire together
		r.caches[i].expires = 0
	}
	asking(time.Second)
	server.region = "eu"
	for _, tt := range []struct {
		at   time.Duration
		want int
	}{{1500 * time.Millisecond, 100}, {2 * time.Second, 20}, {30 * time.Second, 20}, {31 * time.Second, 0}} {
		if got := asking(tt.at); got != tt.want {
			t.Errorf("%d of 100 ask the old region at %s, want %d", got, tt.at, tt.want)
		}
	}
}

func TestNoTTLAsksEveryTime(t *testing.T) {
	server := &fakeServer{region: "us"}
	lookup, _ := server.resolvers(resolverSpec{n: 1, users: 1})
	lookup(0, 5)
	server.region = "eu"
	if got := lookup(0, 5); got != "eu" {
		t.Errorf("got %q", got)
	}
}

// Users who ask a resolver at once wait for one question; who gives up meanwhile leaves the others their answer.
func TestResolversAskOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		r := newResolvers(resolverSpec{n: 1, users: 9}, rand.New(rand.NewPCG(1, 2)), since(), func(ctx context.Context) (zone.Answer, error) {
			asked++
			time.Sleep(100 * ms)
			return zone.Answer{Region: "us", TTL: time.Second}, ctx.Err()
		})
		first, giveUp := context.WithTimeout(t.Context(), 10*ms)
		defer giveUp()
		var all sync.WaitGroup
		got := make([]string, 9)
		for user := range got {
			ctx := t.Context()
			if user == 0 {
				ctx = first
			}
			all.Go(func() { got[user], _ = r.find(ctx, user) })
			synctest.Wait()
		}
		all.Wait()
		if asked != 1 || slices.Contains(got[1:], "") {
			t.Errorf("asked %d times, answers %q", asked, got)
		}
	})
}

// A load balancer's users move at the next request.
func TestUsersOfALoadBalancerMoveAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(cfg *UsersConfig) { cfg.Fleet.Users[0].Entry = topology.EntryLB })
		w.run(t, func() {
			time.Sleep(5 * time.Second)
			moved := w.now()
			w.reroute("americas", "eu")
			time.Sleep(5 * time.Second)
			after := 0
			for _, a := range w.all() {
				if a.at > moved {
					after++
					if a.region == "us" {
						t.Fatalf("a request at %s went to the old region, moved at %s", a.at, moved)
					}
				}
			}
			if after == 0 {
				t.Error("nobody asked")
			}
		})
	})
}

// Users who keep their connection go on with the region that answers them, and look up anew once it fails.
func TestUsersWhoKeepTheirConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(cfg *UsersConfig) {
			cfg.Fleet.Users[0].Entry, cfg.Fleet.Users[0].Keep = topology.EntryLB, 0.4
		})
		w.run(t, func() {
			time.Sleep(10 * time.Second) // each of 50 users has asked some 20 times
			share := func(from time.Duration) float64 {
				old, all := 0.0, 0.0
				for _, a := range w.all() {
					if a.at > from {
						all++
						if a.region == "us" {
							old++
						}
					}
				}
				return old / all
			}
			moved := w.now()
			w.reroute("americas", "eu")
			time.Sleep(10 * time.Second)
			if got := share(moved); got < 0.3 || got > 0.5 {
				t.Errorf("%.2f of the requests stay with the old region, want 0.4", got)
			}
			w.mu.Lock()
			w.how = func(a asked) error {
				if a.region == "us" {
					return syscall.ECONNREFUSED
				}
				return nil
			}
			w.mu.Unlock()
			time.Sleep(10 * time.Second)
			broke := w.now()
			time.Sleep(5 * time.Second)
			if got := share(broke); got != 0 {
				t.Errorf("%.3f still ask the region that refuses", got)
			}
		})
	})
}

// A region that is drained closes the connections that users keep to it, though it answers.
func TestUsersLeaveARegionThatIsDrained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var drained atomic.Bool
		w := newWorld(t, func(cfg *UsersConfig) {
			cfg.Fleet.Users[0].Entry, cfg.Fleet.Users[0].Keep = topology.EntryLB, 0.4
			cfg.Draining = func(region string) bool { return region == "us" && drained.Load() }
		})
		w.run(t, func() {
			time.Sleep(10 * time.Second)
			w.reroute("americas", "eu")
			drained.Store(true)
			moved := w.now()
			time.Sleep(5 * time.Second)
			asked := map[string]int{}
			for _, a := range w.all() {
				if a.at > moved {
					asked[a.region]++
				}
			}
			if asked["us"] > 0 || asked["eu"] == 0 {
				t.Errorf("requests by region: %v", asked)
			}
		})
	})
}

// A refusal is kept as any failure is, and is the same to everybody whom it is kept for.
func TestARefusalIsKept(t *testing.T) {
	server, now := &fakeServer{err: policy.ErrJurisdiction}, time.Duration(0)
	r := newResolvers(resolverSpec{n: 1, users: 2}, rand.New(rand.NewPCG(1, 2)), func() time.Duration { return now }, server.ask)
	for _, at := range []time.Duration{0, topology.DefaultFailureTTL / 2} {
		for user := range 2 {
			now = at
			if _, err := r.find(t.Context(), user); !errors.Is(err, policy.ErrJurisdiction) || server.asked != 1 {
				t.Errorf("at %s: %v, the server was asked %d times", at, err, server.asked)
			}
			if region, ok := r.kept(user, now); ok {
				t.Errorf("at %s: it keeps region %q", at, region)
			}
		}
	}
	server.region, server.ttl, now = "eu", 2*time.Second, topology.DefaultFailureTTL
	if region, err := r.find(t.Context(), 0); region != "eu" || err != nil {
		t.Errorf("once it has run out: %q, %v", region, err)
	}
}

// Where this program can't ask the name server it is no user's failure, and where the server does not answer that is no
// region's absence.
func TestNamesThatCantBeLookedUp(t *testing.T) {
	tests := []struct {
		name           string
		err            error
		failed, unsent string
	}{
		{"no descriptor", &net.OpError{Op: "dial", Err: os.NewSyscallError("socket", syscall.EMFILE)}, "", failure.NoDescriptor},
		{"no answer", os.ErrDeadlineExceeded, failure.Timeout, ""},
		{"no region", policy.ErrNoRegion, failure.NoRegion, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(cfg *UsersConfig) {
					cfg.Lookup = func(context.Context, string) (zone.Answer, error) { return zone.Answer{}, tt.err }
				})
				w.run(t, func() {
					time.Sleep(5 * time.Second)
					got := w.users.Sample().Populations[0]
					if n := got.Failures[tt.failed]; n != got.Failed || (n > 0) != (tt.failed != "") {
						t.Errorf("%d failed, by reason %v", got.Failed, got.Failures)
					}
					if n := got.TotalNotSent[tt.unsent]; (n > 0) != (tt.unsent != "") {
						t.Errorf("not sent: %v", got.TotalNotSent)
					}
				})
			})
		})
	}
}
