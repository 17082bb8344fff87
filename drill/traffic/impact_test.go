package traffic

import (
	"maps"
	"math/rand/v2"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

func at(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// TestImpactCountsBetweenFaultAndRecovery: who asked only before a fault, or only after it was recovered from, is not in
// its share, however long the drill goes on.
func TestImpactCountsBetweenFaultAndRecovery(t *testing.T) {
	m := newImpacts()
	m.add(1, at(4.9), at(5), false)   // before
	m.add(2, at(9.9), at(10.5), true) // sent before, failed after
	m.open(3, at(10))
	m.add(3, at(11), at(11.1), false)
	m.add(4, at(12), at(12.1), true)
	m.add(4, at(13), at(13.1), true) // the same user again
	check := func(when string, asked, affected int, closed bool) {
		t.Helper()
		want := telemetry.UserImpact{Command: 3, Asked: asked, Affected: affected, From: at(10), Closed: closed}
		if closed {
			want.Until = at(14.5)
		}
		if got := m.sample(at(100))[0]; got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
		if a, h := m.ever(at(100)); a != asked || h != affected {
			t.Errorf("%s: %d of %d in any impact, want %d of %d", when, h, a, affected, asked)
		}
	}
	check("open", 3, 2, false)
	for user := 100; user < 200; user++ {
		m.add(user, at(15), at(15.1), user == 150)
	}
	m.add(5, at(14), at(15.2), true) // sent in time, found slow after
	check("open, and nobody knows that all is well since 14.5 s", 104, 4, false)
	m.close(3, at(14.5))
	check("closed", 4, 3, true)
	m.add(1, at(20), at(21), true)
	m.close(3, at(60))
	m.open(3, at(10))
	check("later", 4, 3, true)
}

// TestAnImpactStandsStillOnceAllSeemsWell: until requests are good again it grows; then its share stands still at the time
// since which they are, so that who asks on does not thin it out; where they are not any more it grows on.
func TestAnImpactStandsStillOnceAllSeemsWell(t *testing.T) {
	m := newImpacts()
	m.open(1, at(10))
	m.open(2, at(10))
	ask := func(from, until int, bad bool) {
		for i := from; i < until; i++ {
			m.add(i, at(float64(i)), at(float64(i)), bad)
		}
	}
	check := func(when string, want telemetry.UserImpact) {
		t.Helper()
		want.Command, want.From = 1, at(10)
		got := m.sample(at(100))
		if got[0] != want {
			t.Errorf("%s: %+v, want %+v", when, got[0], want)
		}
		if all := 1 + int(m.users[len(m.users)-1].last.end/time.Second) - 10; got[1].Asked != all {
			t.Errorf("%s: the other has %+v, want %d who asked", when, got[1], all)
		}
	}
	ask(10, 15, true)
	ask(15, 20, false)
	check("it grows", telemetry.UserImpact{Asked: 10, Affected: 5})
	m.over(map[int]time.Duration{1: at(14.5)})
	check("good since 14.5 s", telemetry.UserImpact{Asked: 5, Affected: 5, Until: at(14.5)})
	ask(20, 25, false)
	check("and still", telemetry.UserImpact{Asked: 5, Affected: 5, Until: at(14.5)})
	ask(25, 26, true)
	m.over(nil)
	check("not any more", telemetry.UserImpact{Asked: 16, Affected: 6})
	m.over(map[int]time.Duration{1: at(25.5)})
	ask(26, 30, false)
	m.close(1, at(25.5))
	check("closed", telemetry.UserImpact{Asked: 16, Affected: 6, Until: at(25.5), Closed: true})
	m.over(map[int]time.Duration{1: at(12)})
	check("for good", telemetry.UserImpact{Asked: 16, Affected: 6, Until: at(25.5), Closed: true})
}

// TestImpactsOverlap: each fault has a count of its own, and the union counts a user once.
func TestImpactsOverlap(t *testing.T) {
	m := newImpacts()
	m.open(1, at(10))
	m.add(1, at(11), at(11), true)
	m.add(2, at(11), at(11), false)
	m.open(2, at(12))
	m.add(2, at(13), at(13), true)
	m.add(3, at(13), at(13), false)
	m.close(1, at(14))
	m.add(4, at(15), at(15), true)
	m.close(2, at(16))
	m.add(5, at(17), at(17), true)
	m.open(9, at(30))
	want := []telemetry.UserImpact{
		{Command: 1, Asked: 3, Affected: 2, From: at(10), Until: at(14), Closed: true},
		{Command: 2, Asked: 3, Affected: 2, From: at(12), Until: at(16), Closed: true},
		{Command: 9, From: at(30)},
	}
	for i, got := range m.sample(at(40)) {
		if got != want[i] {
			t.Errorf("%+v, want %+v", got, want[i])
		}
	}
	if asked, affected := m.ever(at(40)); asked != 4 || affected != 3 {
		t.Errorf("%d of %d in any, want 3 of 4", affected, asked)
	}
}

// TestImpactsAgainstEveryRequest compares with a plain list of all requests, over seeds.
func TestImpactsAgainstEveryRequest(t *testing.T) {
	type one struct {
		span
		user     int
		affected bool
	}
	for seed := range uint64(200) {
		draw := rand.New(rand.NewPCG(seed, 1))
		m := newImpacts()
		var all []one
		type window struct{ from, until time.Duration }
		windows := map[int]window{}
		var open []int
		for now := range time.Duration(300) {
			r := one{span{now - time.Duration(draw.IntN(20)), now}, draw.IntN(40), draw.IntN(4) == 0}
			all = append(all, r)
			m.add(r.user, r.due, r.end, r.affected)
			switch {
			case draw.IntN(40) == 0:
				id := len(windows) + 1
				windows[id] = window{now - time.Duration(draw.IntN(10)), later}
				m.open(id, windows[id].from)
				open = append(open, id)
			case draw.IntN(40) == 0 && len(open) > 0:
				id := open[0]
				// When it is closed may have passed, but not before it was opened.
				w := windows[id]
				w.until = now
				windows[id], open = w, open[1:]
				m.close(id, w.until)
			}
		}
		anyAsked, anyAffected := map[int]bool{}, map[int]bool{}
		got := m.sample(300)
		for id, w := range windows {
			asked, affected := map[int]bool{}, map[int]bool{}
			for _, r := range all {
				if r.end >= w.from && r.due <= w.until && !(w.until != later && r.end > w.until) {
					asked[r.user] = true
					if r.affected {
						affected[r.user] = true
					}
				}
			}
			maps.Copy(anyAsked, asked)
			maps.Copy(anyAffected, affected)
			want := telemetry.UserImpact{Command: id, Asked: len(asked), Affected: len(affected), From: w.from, Closed: w.until != later}
			if want.Closed {
				want.Until = w.until
			}
			if got[id-1] != want {
				t.Fatalf("seed %d, from %d until %d: %+v, want %+v", seed, w.from, w.until, got[id-1], want)
			}
		}
		if asked, affected := m.ever(300); asked != len(anyAsked) || affected != len(anyAffected) {
			t.Fatalf("seed %d: %d of %d in any, want %d of %d", seed, affected, asked, len(anyAffected), len(anyAsked))
		}
	}
}

// TestImpactOfAnOutage, in virtual time: half a second in which nothing is answered, then all is well for a minute.
func TestImpactOfAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Fleet.Users[0].Count = 1000 })
		w.run(t, func() {
			steadyAt(w, 20*ms)
			from := w.now()
			w.meet(func(asked) error { return syscall.ECONNREFUSED })
			time.Sleep(300 * ms) // until it is proved
			w.users.OpenImpact(1, from)
			time.Sleep(200 * ms)
			good := w.now()
			w.meet(takes(20 * ms))
			time.Sleep(3 * time.Second)
			open := w.sample().Impacts[0]
			tentative := w.users.Recount(w.users.Sample(), map[int]time.Duration{1: good}).Populations[0].Impacts[0]
			w.users.CloseImpact(1, good)
			closed := w.sample()
			// 50 requests in half a second, of nearly as many users of the thousand; what was in flight before is two more.
			i := closed.Impacts[0]
			if !i.Closed || i.Asked < 30 || i.Asked > 75 || i.Affected < 30 || i.Asked-i.Affected > 6 {
				t.Errorf("closed: %+v", i)
			}
			if tentative.Closed = true; tentative != i {
				t.Errorf("good since then, so far %+v", tentative)
			}
			if open.Asked < 4*i.Asked || open.Affected < i.Affected || open.Affected > i.Affected+3 {
				t.Errorf("open: %+v", open)
			}
			if closed.AskedEver != i.Asked || closed.AffectedEver != i.Affected {
				t.Errorf("%d of %d in any", closed.AffectedEver, closed.AskedEver)
			}
			time.Sleep(time.Minute)
			w.meet(func(asked) error { return syscall.ECONNREFUSED })
			time.Sleep(time.Second)
			if s := w.sample(); s.Impacts[0] != i || s.AskedEver != i.Asked || s.AffectedEver != i.Affected {
				t.Errorf("a minute later: %+v, %d of %d in any", s.Impacts[0], s.AffectedEver, s.AskedEver)
			}
		})
	})
}

// TestAnImpactThatEndsWithItsCauseIsKnownToBeOver: a count that is ended the moment its cause is gone has seen no answer since. The
// first one that comes says that users are served again, and nothing after it changes the numbers.
func TestAnImpactThatEndsWithItsCauseIsKnownToBeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			steadyAt(w, 20*ms)
			w.users.OpenImpact(1, w.now())
			w.meet(func(asked) error { return syscall.ECONNREFUSED })
			time.Sleep(500 * ms)
			w.users.CloseImpact(1, w.now())
			before := w.sample().Impacts[0]
			if before.LastFailed == 0 || before.LastOK > before.LastFailed {
				t.Fatalf("closed while all fails: %+v", before)
			}
			w.meet(takes(20 * ms))
			time.Sleep(time.Second)
			first := w.sample().Impacts[0]
			if first.LastOK <= first.LastFailed {
				t.Errorf("answered again, and not known to be: %+v", first)
			}
			w.meet(func(asked) error { return syscall.ECONNREFUSED })
			time.Sleep(time.Second)
			w.meet(takes(20 * ms))
			time.Sleep(time.Second)
			if last := w.sample().Impacts[0]; last != first {
				t.Errorf("it went on: %+v, then %+v", first, last)
			}
			if first.LastOK = before.LastOK; first != before {
				t.Errorf("more than the answer changed: %+v, then %+v", before, first)
			}
		})
	})
}

// TestImpactOfWhatHangs: users whose requests only hang have asked, and are affected as soon as that is certain.
func TestImpactOfWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			steadyAt(w, 20*ms)
			time.Sleep(time.Second)
			w.meet(hangs)
			w.users.OpenImpact(1, w.now()+25*ms) // what ends before is none of it
			time.Sleep(95 * ms)
			if i := w.sample().Impacts[0]; i.Asked < 3 || i.Asked > 20 || i.Affected != 0 {
				t.Errorf("after 95 ms: %+v", i)
			}
			time.Sleep(500 * ms)
			if i := w.sample().Impacts[0]; i.Affected < 20 || i.Asked < i.Affected {
				t.Errorf("after 595 ms: %+v", i)
			}
		})
	})
}

// TestAllImpactsStandStillWithTheirOnlyOne holds that the users of any impact are those of the only one,
// also while that one seems to be over: two shares of the same users stand on one page.
func TestAllImpactsStandStillWithTheirOnlyOne(t *testing.T) {
	m := newImpacts()
	m.open(1, 10)
	m.add(1, 11, 12, true)
	m.over(map[int]time.Duration{1: 20})
	m.add(2, 25, 26, false)
	one := m.sample(30)[0]
	if asked, affected := m.ever(30); one.Asked != 1 || asked != one.Asked || affected != one.Affected {
		t.Errorf("%d of %d in any, %d of %d in the only one", affected, asked, one.Affected, one.Asked)
	}
}

// How soon requests are answered again is counted by when they were due, whatever order they end in, and from a fault on that
// is known only later.
func TestAnImpactKnowsTheLastThatFailed(t *testing.T) {
	m := newImpacts()
	m.ended(at(9), at(9.1), false)
	m.ended(at(9.9), at(11.9), true) // in flight when it began
	m.open(1, at(10))
	m.ended(at(15.1), at(15.2), false)
	m.ended(at(14), at(16), true) // due before, given up after
	m.ended(at(15), at(15.3), false)
	m.close(1, at(15))
	m.ended(at(30), at(31), true) // what comes later is another's
	if i := m.sample(at(40))[0]; i.LastFailed != at(14) || i.LastOK != at(15.1) {
		t.Errorf("the last that failed was due at %v, the last that was answered at %v", i.LastFailed, i.LastOK)
	}
	m.open(2, at(35))
	if i := m.sample(at(40))[1]; i.LastFailed != 0 || i.LastOK != 0 {
		t.Errorf("a fault after all requests has %v and %v", i.LastFailed, i.LastOK)
	}
}
