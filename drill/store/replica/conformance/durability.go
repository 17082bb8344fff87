package conformance

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var durabilityCases = []testCase{
	{"a write waits for its durability", aWriteWaits},
	{"while a mode is switched both hold", bothHold},
	{"a weaker mode lets them go", aWeakerMode},
	{"a write that was given up", aWriteThatWasGivenUp},
	{"a lease that ends, ends the wait", aLeaseThatEnds},
	{"a lease that ended before the report", aLeaseThatEndedBefore},
	{"a fence ends the wait", aFenceEndsTheWait},
	{"writes at risk", writesAtRisk},
}

var quorum = topology.Durability{Mode: topology.ModeQuorum}

func syncWith(with string) topology.Durability {
	return topology.Durability{Mode: topology.ModeSync, With: with}
}

// threeCurrent is three regions that all have one write, of which some are then silent.
func (l *lab) threeCurrent(d topology.Durability, silent ...string) {
	l.t.Helper()
	l.led(d, "east", "west", "south")
	l.write("east", "a")
	l.current("east", "west", "south")
	l.reported("east", "west", "south")
	for _, region := range silent {
		l.network.set(region, "east", true)
	}
}

// held waits until a write waits for some regions, and is not at risk: nobody has an
// acknowledgement of it.
func (l *lab) held(answered <-chan error, waits ...string) {
	l.t.Helper()
	l.until(fmt.Sprintf("a write waits for %v", waits), func() bool {
		s := l.status("east")
		return s.Waiting == 1 && slices.Equal(s.WaitingFor, waits)
	})
	if s := l.status("east"); s.DurableIndex >= s.Position || s.AtRisk == nil || *s.AtRisk != 0 {
		l.t.Errorf("while it waits it says durable up to %d of %d, at risk %v", s.DurableIndex, s.Position, s.AtRisk)
	}
	select {
	case err := <-answered:
		l.t.Fatalf("it was answered while it waits: %v", err)
	default:
	}
}

// A write is acknowledged once the regions that its mode names have reported it, and
// not before.
func aWriteWaits(l *lab) {
	l.threeCurrent(async)
	for i, c := range []struct {
		name   string
		d      topology.Durability
		silent []string // followers that can't report
		waits  []string // nil: it is acknowledged
	}{
		{"async waits for nobody", async, []string{"south", "west"}, nil},
		{"pinned waits for nobody", topology.Durability{Mode: topology.ModePinned}, []string{"south", "west"}, nil},
		{"sync, its partner there", syncWith("west"), []string{"south"}, nil},
		{"sync, its partner silent: another is no help", syncWith("west"), []string{"west"}, []string{"west"}},
		{"quorum, one of two there", quorum, []string{"west"}, nil},
		{"quorum, nobody there", quorum, []string{"south", "west"}, []string{"south", "west"}},
	} {
		l.t.Log(c.name)
		l.configure("east", c.d)
		l.current("east", "west", "south")
		l.reported("east", "west", "south")
		for _, region := range c.silent {
			l.network.set(region, "east", true)
		}
		answered := l.begin(l.ctx(), "east", fmt.Sprintf("b%d", i))
		if c.waits == nil {
			l.must(<-answered)
		} else {
			l.held(answered, c.waits...)
		}
		for _, region := range c.silent {
			l.network.set(region, "east", false)
		}
		if c.waits != nil {
			l.must(<-answered)
		}
		l.until("it is durable", func() bool {
			s := l.status("east")
			return s.DurableIndex >= s.Position && s.Waiting == 0
		})
	}
	l.current("east", "west", "south")
}

func bothHold(l *lab) {
	l.threeCurrent(syncWith("west"), "south")
	also := syncWith("south")
	l.spec.Also = &also
	l.configure("east", syncWith("west"))
	answered := l.begin(l.ctx(), "east", "b")
	l.until("a write waits for south", func() bool {
		s := l.status("east")
		return s.Waiting == 1 && slices.Equal(s.WaitingFor, []string{"south"})
	})
	l.network.set("south", "east", false)
	l.must(<-answered)
	l.spec.Also = nil
}

func aWeakerMode(l *lab) {
	l.threeCurrent(syncWith("west"), "west")
	answered := l.begin(l.ctx(), "east", "b")
	l.held(answered, "west")
	l.configure("east", async)
	l.must(<-answered)
}

// A write that is given up is not acknowledged. It is stored all the same, and
// acknowledged when it is sent again.
func aWriteThatWasGivenUp(l *lab) {
	l.threeCurrent(syncWith("west"), "west")
	for range 3 { // sent again it is no more acknowledged than before
		ctx, cancel := context.WithTimeout(l.t.Context(), 300*time.Millisecond)
		l.want("without its partner", <-l.begin(ctx, "east", "b"), context.DeadlineExceeded)
		cancel()
	}
	l.network.set("west", "east", false)
	l.write("east", "b")
	l.current("east", "west", "south")
	if got := ids(l.contents("east")); got != "a,b" {
		l.t.Errorf("it holds %s", got)
	}
}

func aLeaseThatEnds(l *lab) {
	l.spec.Mode, l.spec.With = topology.ModeSync, "west"
	l.open("east", "west")
	l.epoch++
	l.must(l.at("east").Promote(l.ctx(), l.epoch))
	l.grant("east", 2*time.Second)
	if err := <-l.begin(l.ctx(), "east", "a"); err == nil {
		l.t.Error("acknowledged without its partner")
	} else {
		l.want("after its lease", err, store.ErrFenced)
	}
}

// The process is frozen while a write waits: the report comes when the lease is over.
func aLeaseThatEndedBefore(l *lab) {
	l.threeCurrent(syncWith("west"))
	l.epoch++ // leases only grow within an epoch
	l.must(l.at("east").Promote(l.ctx(), l.epoch))
	l.grant("east", lease)
	l.follow("east", "west", "south")
	l.current("east", "west", "south")
	l.reported("east", "west", "south")
	l.network.set("west", "east", true)
	answered := l.begin(l.ctx(), "east", "b")
	l.held(answered, "west")
	l.clocks["east"].leap(lease)
	l.network.set("west", "east", false)
	l.want("the report came after the lease", <-answered, store.ErrFenced)
	l.current("east", "west", "south")
	if got := ids(l.contents("west")); got != "a,b" {
		l.t.Errorf("west holds %s", got)
	}
}

func aFenceEndsTheWait(l *lab) {
	l.threeCurrent(quorum, "west", "south")
	answered := l.begin(l.ctx(), "east", "b")
	l.held(answered, "south", "west")
	l.must(l.at("east").Fence(l.ctx(), l.epoch+1))
	l.want("fenced while it waits", <-answered, store.ErrFenced)
}

// Async acknowledges what nobody else has: that is what is at risk, and it is unknown
// until somebody has reported.
func writesAtRisk(l *lab) {
	l.spec.Mode = topology.ModeAsync
	l.open("east", "west")
	l.lead("east")
	l.write("east", "a", "b")
	if s := l.status("east"); s.AtRisk != nil {
		l.t.Errorf("%d at risk, though west may have all of it or nothing", *s.AtRisk)
	}
	l.follow("east", "west")
	l.until("nothing is at risk", func() bool { risk := l.status("east").AtRisk; return risk != nil && *risk == 0 })
	l.network.set("west", "east", true)
	l.write("east", "c", "d", "e")
	if risk := l.status("east").AtRisk; risk == nil || *risk != 3 {
		l.t.Errorf("at risk %v, want 3", risk)
	}
}
