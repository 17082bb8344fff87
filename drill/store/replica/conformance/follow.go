package conformance

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var followCases = []testCase{
	{"a follower copies", aFollowerCopies},
	{"a planned move loses nothing", aPlannedMove},
	{"the authority is started anew", anAuthorityStartedAnew},
	{"a failover, and the old authority comes back", failoverAndRejoin},
	{"two failovers missed", twoFailoversMissed},
	{"a cut is reported once", aCutIsReportedOnce},
	{"a fence holds a follower still", aFenceHoldsAFollowerStill},
	{"a link that is cut and heals", aLinkThatHeals},
	{"whatever it waits for, it stops", itStops},
	{"follows at once: the newest holds", followsAtOnce},
}

var async = topology.Durability{Mode: topology.ModeAsync}

func aFollowerCopies(l *lab) {
	l.led(async, "east", "west")
	l.write("east", "a", "b")
	l.current("east", "west")
	s := l.status("west")
	if s.Role != role.Follower || s.Authority != "east" || s.Epoch != 1 || s.Error != "" || s.Followers != nil || s.LeaseLeft != 0 {
		l.t.Errorf("it says %+v", s)
	}
	l.until("it has heard where the authority is", func() bool {
		s := l.status("west")
		return s.AuthorityPosition != nil && *s.AuthorityPosition >= l.status("east").Position
	})
	if least := int64(len(payloadOf("a")) + len(payloadOf("b"))); s.Copied < least {
		l.t.Errorf("copied %d bytes of at least %d", s.Copied, least)
	}
	l.reported("east", "west")
	if e, ok, err := l.at("west").Lookup(l.ctx(), "b"); err != nil || !ok || e.Epoch != 1 || string(e.Payload) != string(payloadOf("b")) {
		l.t.Errorf("looked up at the follower: %v, %+v, %v", ok, e, err)
	}

	// Asked again, it goes on as it was.
	l.follow("east", "west")
	if again := l.status("west"); again.Copied < s.Copied || again.AuthorityPosition == nil {
		l.t.Errorf("asked again it began anew: %+v", again)
	}
	// A fence that does not stop its authority does not stop it.
	l.must(l.at("west").Fence(l.ctx(), l.epoch))
	l.write("east", "c")
	l.current("east", "west")
}

// A planned move: the old authority is fenced, gives the rest away, and then follows in
// place, with nothing cut or copied anew.
func aPlannedMove(l *lab) {
	l.led(async, "east", "west")
	l.write("east", "a", "b")
	l.current("east", "west")
	from, to, want := "east", "west", "a,b"
	for turn := range 2 {
		l.network.set(to, from, true)
		l.write(from, fmt.Sprintf("late-%d", turn))
		want += fmt.Sprintf(",late-%d", turn)
		l.must(l.at(from).Fence(l.ctx(), l.epoch+1))
		last := l.status(from)
		l.network.set(to, from, false)
		l.until(to+" has the last writes", func() bool {
			s := l.status(to)
			return s.Position >= last.Position && s.LastIn == last.LastIn && s.Entries == last.Entries
		})
		l.lead(to)
		l.follow(to, from)
		l.current(to, from)
		if s := l.status(from); s.Cut != nil || s.Copied > 1<<20 || s.Followers != nil {
			l.t.Fatalf("%s was not taken over in place: %+v", from, s)
		}
		from, to = to, from
	}
	l.write("east", "e")
	l.current("east", "west")
	if got := ids(l.contents("west")); got != want+",e" {
		l.t.Errorf("after the moves there is %s, want %s,e", got, want)
	}
}

// An authority whose process was started anew knows again what its followers have, in
// the epoch that it led before.
func anAuthorityStartedAnew(l *lab) {
	l.led(topology.Durability{Mode: topology.ModeQuorum}, "east", "west", "south")
	l.write("east", "a")
	l.current("east", "west", "south")
	l.restart("east")
	l.must(l.at("east").Promote(l.ctx(), l.epoch))
	l.grant("east", lease)
	l.write("east", "b")
	l.current("east", "west", "south")
	l.until("it is known what is durable", func() bool {
		s := l.status("east")
		return s.AtRisk != nil && *s.AtRisk == 0 && s.DurableIndex >= s.Position
	})
}

// The authority is cut off with writes that nobody else has; another is promoted; the
// old one comes back, its tail is exported and cut, and all are equal.
func failoverAndRejoin(l *lab) {
	l.led(async, "east", "west", "south")
	l.write("east", "a", "b")
	l.current("east", "west", "south")
	l.isolate("east", true)
	l.write("east", "x", "y", "z")
	own := l.contents("east")[2:]
	l.lead("west")
	l.follow("west", "south")
	l.write("west", "c")
	l.current("west", "south")
	l.isolate("east", false)
	l.follow("west", "east")
	l.current("west", "east")
	cut := l.status("east").Cut
	if cut == nil || cut.Entries != 3 || cut.From != own[0].Index {
		l.t.Fatalf("cut: %+v, want 3 from %d", cut, own[0].Index)
	}
	if got := l.exported(cut); !same(got, own) {
		l.t.Errorf("exported %+v, it had %+v", got, own)
	}
	l.write("west", "d")
	l.current("west", "east", "south")
	for _, region := range []string{"west", "south"} {
		if cut := l.status(region).Cut; cut != nil {
			l.t.Errorf("%s cut %+v, nothing had diverged there", region, cut)
		}
	}
}

// A replica that missed two failovers, and is ahead of the first.
func twoFailoversMissed(l *lab) {
	l.led(async, "east", "west", "south")
	l.write("east", "a")
	l.current("east", "west", "south")
	l.network.set("west", "east", true)
	l.write("east", "x", "y")
	l.current("east", "south")
	l.isolate("south", true)
	l.isolate("east", true)
	l.lead("west")
	l.write("west", "b")
	l.isolate("east", false)
	l.network.set("west", "east", false)
	l.follow("west", "east")
	l.current("west", "east")
	l.lead("east")
	l.write("east", "c")
	l.follow("east", "west")
	l.current("east", "west")
	l.isolate("south", false)
	l.follow("east", "south")
	l.current("east", "south")
	if got := ids(l.contents("south")); got != "a,b,c" {
		l.t.Errorf("it holds %s", got)
	}
	if cut := l.status("south").Cut; cut == nil || cut.Entries != 2 || ids(l.exported(cut)) != "x,y" {
		l.t.Errorf("cut: %+v", cut)
	}
}

// A tail that was cut is reported until the process ends that cut it, where it has
// caught up, and not again after that.
func aCutIsReportedOnce(l *lab) {
	l.led(async, "east", "west")
	l.write("east", "a")
	l.current("east", "west")
	l.isolate("east", true)
	l.write("east", "x")
	l.lead("west")
	l.write("west", "b")
	l.isolate("east", false)
	l.follow("west", "east")
	l.current("west", "east")
	l.write("west", "c")
	l.current("west", "east")
	if cut := l.status("east").Cut; cut == nil || ids(l.exported(cut)) != "x" {
		l.t.Fatalf("cut: %+v", cut)
	}
	l.restart("east")
	l.follow("west", "east")
	l.current("west", "east")
	if cut := l.status("east").Cut; cut != nil {
		l.t.Errorf("reported again by a run that cut nothing: %+v", *cut)
	}
}

// After Fence has returned, a follower's position and last epoch stay, however fast
// its authority goes on.
func aFenceHoldsAFollowerStill(l *lab) {
	l.led(async, "east", "west")
	var stop atomic.Bool
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; !stop.Load(); i++ {
			if err := l.try("east", fmt.Sprint(i)); err != nil && !errors.Is(err, store.ErrFenced) {
				l.t.Error(err)
				return
			}
			time.Sleep(time.Millisecond) // virtual time stands still while anybody works
		}
	})
	for range 3 {
		from := l.status("west").Entries
		l.until("west copies", func() bool { return l.status("west").Entries > from+3 })
		l.must(l.at("west").Fence(l.ctx(), l.epoch+1))
		held := l.status("west")
		ahead := l.status("east").Entries
		l.until("east goes on", func() bool { return l.status("east").Entries > ahead+3 })
		if now := l.status("west"); now.Position != held.Position || now.Entries != held.Entries || now.LastIn != held.LastIn || now.Role != role.Fenced {
			l.t.Fatalf("fenced at %+v it is now %+v", held, now)
		}
		l.lead("east")
		l.follow("east", "west")
	}
	stop.Store(true)
	writer.Wait()
	l.current("east", "west")
}

func aLinkThatHeals(l *lab) {
	l.led(async, "east", "west")
	l.write("east", "a")
	l.current("east", "west")
	l.network.set("west", "east", true)
	l.write("east", "b")
	l.until("west says that it lost the stream", func() bool { return l.status("west").Error != "" })
	if s := l.status("west"); s.Entries != 1 || s.Role != role.Follower || s.Authority != "east" {
		l.t.Errorf("cut off it says %+v", s)
	}
	l.network.set("west", "east", false)
	l.current("east", "west")
}

// Whatever a follower is waiting for, a fence, a promotion and another authority end it.
func itStops(l *lab) {
	l.led(async, "east", "west", "south")
	l.write("east", "a")
	l.current("east", "west", "south")
	l.network.set("west", "east", true)
	l.network.set("west", "south", true)
	l.write("east", "b")
	west := l.at("west")
	for _, stop := range []struct {
		name string
		do   func() error
		role role.Role
	}{
		{"fence", func() error { l.epoch++; return west.Fence(l.ctx(), l.epoch) }, role.Fenced},
		{"follow", func() error { return west.Follow(l.ctx(), "east", l.epoch) }, role.Follower},
		{"follow another", func() error { l.epoch++; return west.Follow(l.ctx(), "south", l.epoch) }, role.Follower},
		{"promote", func() error { l.epoch++; return west.Promote(l.ctx(), l.epoch) }, role.Fenced},
	} {
		l.want(stop.name, stop.do(), nil)
		if s := l.status("west"); s.Entries != 1 || s.Role != stop.role || s.Epoch != l.epoch {
			l.t.Errorf("after %s it says %+v", stop.name, s)
		}
	}
	l.grant("west", lease)
	l.write("west", "c")
}

// Orders that lay before a frozen process all begin at once: the newest holds.
func followsAtOnce(l *lab) {
	l.open("east", "west", "south")
	l.lead("east")
	l.write("east", "a")
	for range 5 {
		l.epoch += 2
		var all sync.WaitGroup
		for _, order := range []struct {
			authority string
			epoch     uint64
		}{{"south", l.epoch - 1}, {"east", l.epoch}, {"south", l.epoch - 1}} {
			all.Go(func() { _ = l.at("west").Follow(l.ctx(), order.authority, order.epoch) })
		}
		all.Wait()
		if s := l.status("west"); s.Authority != "east" || s.Epoch != l.epoch || s.Role != role.Follower {
			l.t.Fatalf("asked last to follow east in epoch %d, it says %+v", l.epoch, s)
		}
	}
	l.lead("east")
	l.follow("east", "west")
	l.current("east", "west")
}

// isolate cuts a region off from all others, or brings it back.
func (l *lab) isolate(region string, cut bool) {
	for _, other := range l.regions {
		if other != region {
			l.network.set(region, other, cut)
			l.network.set(other, region, cut)
		}
	}
}
