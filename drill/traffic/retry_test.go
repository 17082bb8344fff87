package traffic

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

func testRetrier(spec topology.Retries, rate float64) *retrier {
	return newRetrier(spec, rate, rand.New(rand.NewPCG(1, 2)))
}

// The wait after each failure is drawn from none up to twice that of the one before.
func TestBackoffGrowsWithFullJitter(t *testing.T) {
	r := testRetrier(topology.Retries{Most: 3, Backoff: 100 * time.Millisecond}, 10)
	for n := 1; n <= 3; n++ {
		limit, sum, draws := 100*time.Millisecond<<(n-1), time.Duration(0), 2000
		for range draws {
			after, again := r.again(n, "shed")
			if !again || after < 0 || after > limit {
				t.Fatalf("after failure %d: %s, %t, at most %s", n, after, again, limit)
			}
			sum += after
		}
		if mean := sum / time.Duration(draws); mean < limit*45/100 || mean > limit*55/100 {
			t.Errorf("after failure %d it waits %s on average, want half of %s", n, mean, limit)
		}
	}
	if _, again := r.again(4, "shed"); again {
		t.Error("a fourth retry of at most three")
	}
	for _, why := range []string{failure.Stopped, failure.NoDescriptor, failure.Jurisdiction, "pinned", "bad request"} {
		if _, again := r.again(1, why); again {
			t.Errorf("%s is retried", why)
		}
	}
	if _, again := testRetrier(topology.Retries{}, 10).again(1, "shed"); again {
		t.Error("a population without retries retries")
	}
}

// With a budget retries are that share of requests, however many fail, and what was not used is kept for a while only.
func TestTheBudgetHoldsRetriesToAShareOfRequests(t *testing.T) {
	const rate = 50
	r := testRetrier(topology.Retries{Most: 3, Backoff: time.Millisecond, Budget: 0.2}, rate)
	retries := func(requests int) (n int) {
		for range requests {
			r.asked()
			for failed := 1; ; failed++ {
				if _, again := r.again(failed, "shed"); !again {
					break
				}
				n++
			}
		}
		return n
	}
	if n := retries(1000); n < 195 || n > 200 {
		t.Errorf("%d retries of 1000 failed requests, want a fifth", n)
	}
	for range 100_000 { // nothing fails for long
		r.asked()
	}
	saved := int(0.2 * rate * topology.RetryBudgetOver.Seconds())
	if n := retries(1000); n < 190+saved || n > 205+saved {
		t.Errorf("%d retries after a long calm, want a fifth of 1000 and %d that were saved", n, saved)
	}
	unbounded := testRetrier(topology.Retries{Most: 2, Backoff: time.Millisecond}, rate)
	for i := range 1000 {
		unbounded.asked()
		for n := 1; n <= 2; n++ {
			if _, again := unbounded.again(n, "shed"); !again {
				t.Fatalf("request %d is not retried, though there is no budget", i)
			}
		}
	}
}

// Half of all attempts are shed: users of clients that retry see fewer failures, each write is one write, and attempts are
// counted apart from requests.
func TestRetriesServeUsersAndAreCountedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) {
			c.Fleet.Users[0].Retries = topology.Retries{Most: 2, Backoff: 50 * time.Millisecond}
		})
		w.meet(func(a asked) error {
			if a.n%2 == 0 {
				return &wire.Error{Code: wire.CodeShed, Region: "us"}
			}
			return nil
		})
		w.run(t, func() {
			time.Sleep(20 * time.Second)
			s := w.sample()
			if s.Requests < 1800 || s.OK+s.Failed != s.Requests || s.TotalRetries != s.Retries {
				t.Fatalf("%+v", s)
			}
			// An attempt fails by a half: of three in a row an eighth, and 1/2 + 1/4 retries a request.
			if failed := float64(s.Failed) / float64(s.Requests); failed < 0.08 || failed > 0.17 {
				t.Errorf("%.3f of requests failed, want an eighth", failed)
			}
			if retries := float64(s.Retries) / float64(s.Requests); retries < 0.65 || retries > 0.85 {
				t.Errorf("%.3f retries a request, want three quarters", retries)
			}
		})
		ids := map[string]int{}
		for _, a := range w.heard {
			if a.write != nil {
				ids[a.write.ID]++
			}
		}
		again := 0
		for _, n := range ids {
			if n > 1 {
				again++
			}
			if n > 3 {
				t.Errorf("a write was sent %d times", n)
			}
		}
		if again < len(ids)/3 || len(w.stored) > len(ids) {
			t.Errorf("%d of %d writes were sent again, %d are stored", again, len(ids), len(w.stored))
		}
	})
}

// A retry goes where the user is told then, and never outlives its user.
func TestARetryGoesElsewhereAndEndsWithItsUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) {
			c.Fleet.Users[0].Entry, c.Fleet.Users[0].Timeout = topology.EntryLB, time.Second
			c.Fleet.Users[0].Retries = topology.Retries{Most: 10, Backoff: 300 * time.Millisecond}
		})
		w.users.populations[0].entry = balancer(func() (string, error) {
			return []string{"us", "eu"}[rand.IntN(2)], nil
		})
		w.meet(func(a asked) error {
			if a.region == "us" {
				return syscall.ECONNREFUSED
			}
			return nil
		})
		w.run(t, func() {
			time.Sleep(10 * time.Second)
			if s := w.sample(); s.Failed > s.Requests/6 /* half of all attempts fail */ || s.ServedBy["us"] != 0 || s.Max == nil || *s.Max > time.Second {
				t.Errorf("%+v", s)
			}
		})
	})
}
