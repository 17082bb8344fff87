package traffic

import (
	"math"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

// steadyAt brings a world to a steady p99 of about d.
func steadyAt(w *world, d time.Duration) (success float64, requests int) {
	w.meet(takes(d))
	time.Sleep(2 * d) // what is in flight from before is no part of it
	w.users.StartSteady()
	time.Sleep(5 * time.Second)
	success, requests, _ = w.users.EndSteady()
	return success, requests
}

func TestSteadyWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			if success, n, _ := w.users.EndSteady(); success != 0 || n != 0 {
				t.Errorf("a check that was never begun: %v of %d", success, n)
			}
			w.meet(func(asked) error { return syscall.ECONNREFUSED })
			time.Sleep(5 * time.Second)
			if s := w.sample(); s.SteadyP99 != nil {
				t.Errorf("steady p99 %s before any check", *s.SteadyP99)
			}
			w.users.StartSteady()
			time.Sleep(time.Second)
			if success, n, _ := w.users.EndSteady(); success != 0 || n < 50 {
				t.Errorf("nothing succeeds: %v of %d", success, n)
			}
			if s := w.sample(); s.SteadyP99 != nil {
				t.Errorf("steady p99 %s of no answer", *s.SteadyP99)
			}
			if success, n := steadyAt(w, 20*ms); success != 1 || n < 400 || n > 600 {
				t.Errorf("all succeed: %v of %d", success, n)
			}
			s := w.sample()
			if s.SteadyP99 == nil || (*s.SteadyP99).Round(ms) != 20*ms {
				t.Fatalf("steady p99 %v", s.SteadyP99)
			}
			// After a fault, a slow fleet at the end must not become the measure.
			w.users.OpenImpact(1, w.now())
			w.meet(func(a asked) error {
				if a.n%4 == 0 {
					return syscall.ECONNREFUSED
				}
				return takes(500 * ms)(a)
			})
			time.Sleep(time.Second)
			w.users.StartSteady()
			time.Sleep(20 * time.Second)
			if success, n, _ := w.users.EndSteady(); math.Abs(success-0.75) > 0.02 || n < 1700 {
				t.Errorf("three in four succeed: %v of %d", success, n)
			}
			if s := w.sample(); (*s.SteadyP99).Round(ms) != 20*ms {
				t.Errorf("steady p99 became %s", *s.SteadyP99)
			}
		})
	})
}

// What hangs has not ended, and may not end within the check: a fleet that answers its readers and lets every
// writer wait is not steady, however long they would.
func TestWhatHangsIsNotSteady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Fleet.Users[0].Timeout = 30 * time.Second })
		w.run(t, func() {
			steadyAt(w, 20*ms)
			w.meet(func(a asked) error {
				if a.write != nil {
					return hangs(a)
				}
				return takes(20 * ms)(a)
			})
			w.users.StartSteady()
			time.Sleep(5 * time.Second)
			// A quarter are writes, and those of the last second may still be answered.
			if success, n, _ := w.users.EndSteady(); success < 0.75 || success > 0.85 || n < 400 {
				t.Errorf("every write hangs: %.2f of %d succeeded", success, n)
			}
			// What is merely under way, or slow as far as is known, does not hang.
			if success, _ := steadyAt(w, 900*ms); success > 0.85 {
				t.Errorf("the writes hang still: %.2f succeeded", success)
			}
			time.Sleep(30 * time.Second)
			if success, n := steadyAt(w, 900*ms); success != 1 {
				t.Errorf("all are slow, and answered: %.2f of %d succeeded", success, n)
			}
		})
	})
}

// The end of a drill does not make good what hung until then; what was merely under way says nothing.
func TestWhatHangsAtTheEndHasFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Fleet.Users[0].Timeout = 30 * time.Second })
		w.run(t, func() {
			steadyAt(w, 20*ms)
			time.Sleep(20 * ms)
			w.sample()
			w.meet(hangs)
			time.Sleep(5 * time.Second)
		})
		// Of 500 those of the last second are merely under way.
		s := w.sample()
		if s.Failed < 330 || s.Failed > 470 || s.Failures[failure.Unanswered] != s.Failed || s.Inflight != 0 {
			t.Errorf("%d failed (%v), %d in flight", s.Failed, s.Failures, s.Inflight)
		}
	})
}

// A small population that gets nothing is named, however good the share of all is.
func TestUnservedPopulationIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) {
			c.Fleet.Users = append(c.Fleet.Users, topology.Population{Name: "few", Count: 5, Rate: 0.8, Timeout: 2 * time.Second})
		})
		w.reroute("few", "eu")
		w.run(t, func() {
			w.meet(func(a asked) error {
				if a.population == "few" {
					return syscall.ECONNREFUSED
				}
				return takes(20 * ms)(a)
			})
			w.users.StartSteady()
			time.Sleep(20 * time.Second)
			if success, _, unserved := w.users.EndSteady(); success < 0.98 || !slices.Equal(unserved, []string{"few"}) {
				t.Errorf("%.3f succeeded, unserved %v", success, unserved)
			}
		})
	})
}

func TestWhoIsHurt(t *testing.T) {
	tests := []struct {
		name   string
		steady bool
		how    func(asked) error
		hurt   bool
	}{
		{"slow before there is a measure", false, takes(900 * ms), false},
		{"failed before there is a measure", false, func(asked) error { return syscall.ECONNRESET }, true},
		{"as ever", true, takes(20 * ms), false},
		{"just below five times the steady p99", true, takes(95 * ms), false},
		{"just above", true, takes(105 * ms), true},
		{"failed at once", true, func(asked) error { return syscall.ECONNRESET }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				w.run(t, func() {
					if tt.steady {
						steadyAt(w, 20*ms)
					}
					w.meet(tt.how)
					time.Sleep(5 * time.Second)
					s := w.sample()
					// 200 requests of 50 users in two seconds: one in fifty did not ask (e⁻⁴).
					if s.AskedNow < 42 || s.AskedNow > 50 || s.AskedEver != 0 || s.AffectedEver != 0 {
						t.Errorf("%d asked now, %d since no fault", s.AskedNow, s.AskedEver)
					}
					if hurt := s.AffectedNow == s.AskedNow; hurt != tt.hurt || !hurt && s.AffectedNow != 0 {
						t.Errorf("%d of %d hurt", s.AffectedNow, s.AskedNow)
					}
					w.meet(takes(20 * ms))
					time.Sleep(3500 * ms) // what was slow ends, and the window passes
					if s := w.sample(); s.AffectedNow != 0 {
						t.Errorf("%d still hurt after all is well", s.AffectedNow)
					}
				})
			})
		})
	}
}

// A request that hangs hurts as soon as it is certain, not only once it fails.
func TestOverdueHurtsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			steadyAt(w, 20*ms)
			w.meet(hangs)
			w.users.OpenImpact(1, w.now())
			time.Sleep(90 * ms)
			if s := w.sample(); s.AffectedNow != 0 {
				t.Errorf("%d hurt after 90 ms", s.AffectedNow)
			}
			time.Sleep(600 * ms)
			s := w.sample()
			if s.Failed != 0 {
				t.Errorf("%d failed already", s.Failed)
			}
			// Some 60 requests are older than 100 ms: 35 of 50 users (1-e^-1.2).
			if s.AffectedNow < 25 || s.AffectedNow > 45 || s.AffectedEver != s.AffectedNow || s.AskedEver < s.AffectedEver {
				t.Errorf("%d hurt now, %d of %d ever", s.AffectedNow, s.AffectedEver, s.AskedEver)
			}
		})
	})
}

// A window says how many of its answers were slow, and when the first request was due that failed or was slow.
func TestAWindowCountsWhatIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			steadyAt(w, 20*ms)
			time.Sleep(time.Second)
			if s := w.sample(); s.Slowed != 0 || s.BadSince != 0 {
				t.Errorf("as ever: %d slow, the first bad one at %s", s.Slowed, s.BadSince)
			}
			from := w.now()
			w.meet(func(a asked) error {
				if a.n%4 == 0 {
					return takes(300 * ms)(a)
				}
				return takes(20 * ms)(a)
			})
			time.Sleep(2 * time.Second)
			w.meet(takes(20 * ms))
			time.Sleep(500 * ms)
			// A quarter of some 200.
			s := w.sample()
			if s.Slowed < 30 || s.Slowed > 70 || s.Failed != 0 || s.OK < 200 {
				t.Errorf("%d of %d slow, %d failed", s.Slowed, s.OK, s.Failed)
			}
			if s.BadSince < from || s.BadSince > from+300*ms {
				t.Errorf("the first bad one was due at %s, want soon after %s", s.BadSince, from)
			}
			time.Sleep(time.Second)
			if s := w.sample(); s.Slowed != 0 || s.BadSince != 0 {
				t.Errorf("afterwards: %d slow, the first bad one at %s", s.Slowed, s.BadSince)
			}
			w.meet(func(asked) error { return syscall.ECONNREFUSED })
			from = w.now()
			time.Sleep(time.Second)
			if s := w.sample(); s.Slowed != 0 || s.BadSince < from-20*ms || s.BadSince > from+200*ms {
				t.Errorf("refused: %d slow, the first bad one at %s, want soon after %s", s.Slowed, s.BadSince, from)
			}
		})
	})
}

// A fault is known only once it is proved, so the count begins before the call.
func TestImpactIsOpenedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			steadyAt(w, 20*ms)
			w.meet(func(asked) error { return syscall.ECONNREFUSED })
			time.Sleep(100 * ms)
			w.meet(takes(20 * ms))
			time.Sleep(5 * time.Second)
			from := w.now()
			w.meet(func(asked) error { return syscall.ECONNREFUSED })
			time.Sleep(200 * ms)
			w.meet(takes(20 * ms))
			time.Sleep(10 * time.Second)

			s := w.sample()
			if s.AffectedNow != 0 || s.AffectedEver != 0 || s.AskedEver != 0 || s.Impacts != nil {
				t.Errorf("before it is opened: %+v", s)
			}
			w.users.OpenImpact(7, from)
			s = w.sample()
			// About 20 requests failed since, of at most as many users; those before do not count.
			if s.AffectedEver < 8 || s.AffectedEver > 30 || s.AskedEver != 50 || s.AffectedNow != 0 {
				t.Errorf("%d of %d affected", s.AffectedEver, s.AskedEver)
			}
			if len(s.Impacts) != 1 || s.Impacts[0].LastFailed < from || s.Impacts[0].LastOK < s.Impacts[0].LastFailed {
				t.Fatalf("impacts are %+v", s.Impacts)
			}
			s.Impacts[0].LastFailed, s.Impacts[0].LastOK = 0, 0
			if s.Impacts[0] != (telemetry.UserImpact{Command: 7, Asked: s.AskedEver, Affected: s.AffectedEver, From: from}) {
				t.Errorf("impacts are %+v", s.Impacts)
			}
			w.users.OpenImpact(7, from-10*time.Second)
			if again := w.sample(); again.AffectedEver != s.AffectedEver {
				t.Errorf("a second opening changed %d to %d", s.AffectedEver, again.AffectedEver)
			}
		})
	})
}

func TestDistinctUsers(t *testing.T) {
	l := newImpacts()
	notes := []struct {
		user int
		at   time.Duration
		hurt bool
	}{
		{1, 10, false}, {1, 20, true}, {1, 30, false}, // hurt once, asked again since
		{2, 15, true}, {2, 12, false}, // ended in the other order
		{3, 40, false}, {3, 40, false},
	}
	for _, n := range notes {
		l.add(n.user, n.at-5, n.at, n.hurt)
	}
	tests := []struct {
		since       time.Duration
		asked, hurt int
	}{{0, 3, 2}, {15, 3, 2}, {16, 2, 1}, {20, 2, 1}, {21, 2, 0}, {31, 1, 0}, {40, 1, 0}, {41, 0, 0}}
	for _, tt := range tests {
		if asked, hurt := l.since(tt.since); asked != tt.asked || hurt != tt.hurt {
			t.Errorf("since %d: %d of %d hurt, want %d of %d", tt.since, hurt, asked, tt.hurt, tt.asked)
		}
	}
}
