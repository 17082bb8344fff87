package traffic

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
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

func TestResolvers(t *testing.T) {
	answer, asked := "us", 0
	r := newResolvers(4, 2*time.Second, rand.New(rand.NewPCG(1, 2)), func() (string, bool) {
		asked++
		return answer, answer != ""
	})
	lookup := func(user int, at time.Duration) string {
		region, ok := r.lookup(user, at)
		if ok != (region != "") {
			t.Fatalf("%q %v", region, ok)
		}
		return region
	}
	for user := range 8 {
		lookup(user, 0)
	}
	if asked != 4 {
		t.Errorf("8 users of 4 resolvers asked the router %d times", asked)
	}
	var expire []time.Duration
	for _, c := range r.caches {
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
	answer = "eu"
	if got := lookup(0, at+2*time.Second-1); got != "us" {
		t.Errorf("just before the TTL is over: %q", got)
	}
	if got := lookup(4, at+2*time.Second); got != "eu" {
		t.Errorf("once it is over, another user of the same resolver: %q", got)
	}
	answer = ""
	at += 10 * time.Second
	if got := lookup(0, at); got != "" {
		t.Errorf("with no region: %q", got)
	}
	answer = "us"
	if got := lookup(0, at+1); got != "us" {
		t.Errorf("that there was no region is remembered: %q", got)
	}
}

func TestNoTTLAsksEveryTime(t *testing.T) {
	answer := "us"
	r := newResolvers(1, 0, rand.New(rand.NewPCG(1, 2)), func() (string, bool) { return answer, true })
	r.lookup(0, 5)
	answer = "eu"
	if got, _ := r.lookup(0, 5); got != "eu" {
		t.Errorf("got %q", got)
	}
}
