package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// try sends one write that has a moment to be acknowledged.
func (l *lab) try(region, id string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(l.ctx(), limit)
	defer cancel()
	_, err := l.at(region).Append(ctx, store.Write{ID: id, Payload: []byte("p")})
	return err
}

// A commit that waits for its partner and is given up is not acknowledged. It is stored
// all the same, to be seen once its wait is over, and acknowledged when it is sent again.
func TestSyncTimedOutIsStored(t *testing.T) {
	l := newLed(t, topology.ModeSync, "b", 3, "a", "b")
	l.stop("b")
	for range 3 { // sent again it is no more acknowledged than before
		if err := l.try("a", "late", 300*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("without its partner: %v", err)
		}
	}
	// Whoever waits is in the way of nobody but those who send the same again.
	l.until("the status says for whom it waits", func() bool {
		s := l.status("a")
		return s.Waiting == 1 && fmt.Sprint(s.WaitingFor) == "[b]" && s.AtRisk != nil && *s.AtRisk == 0
	})
	l.open("b")
	l.follow("a", "b")
	l.until("it is there", func() bool {
		e, ok, err := l.at("a").Lookup(l.ctx(), "late")
		return err == nil && ok && e.Epoch == 1
	})
	if err := l.try("a", "late", 10*time.Second); err != nil {
		t.Fatal(err)
	}
	l.current("a", "b")
	l.equal("a", "b")
}

// Many writes that were given up leave the server able to answer, and to take others
// as soon as these need not wait.
func TestWaitsThatWereGivenUp(t *testing.T) {
	l := newLab(t, topology.ModeSync, "b", "a", "b")
	l.lead("a")
	var all sync.WaitGroup
	for i := range 3 * server.MaxConnections {
		all.Go(func() { _ = l.try("a", fmt.Sprintf("w%d", i), 500*time.Millisecond) })
	}
	all.Wait()
	if s := l.status("a"); s.Error != "" || s.Waiting == 0 || s.Waiting > server.Writers {
		t.Fatalf("%+v", s)
	}
	l.dataset.Mode, l.dataset.With = topology.ModeAsync, ""
	l.configure("a")
	if err := l.try("a", "after", 5*time.Second); err != nil {
		t.Fatal(err)
	}
}

// The mode is switched to and fro under writes: what is acknowledged under quorum
// is on a majority at that moment.
func TestModeSwitchUnderWrites(t *testing.T) {
	l := newLab(t, topology.ModeAsync, "", "a", "b", "c")
	l.lead("a")
	l.follow("a", "b", "c")
	l.current("a", "b", "c")
	var stop atomic.Bool
	var writers sync.WaitGroup
	var acked atomic.Int64
	for w := range 8 {
		writers.Go(func() {
			for i := 0; !stop.Load(); i++ {
				if err := l.try("a", fmt.Sprintf("w%d-%d", w, i), 20*time.Second); err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				acked.Add(1)
			}
		})
	}
	for _, p := range []topology.Durability{{Mode: topology.ModeQuorum}, {Mode: topology.ModeSync, With: "b"}, {Mode: topology.ModeAsync}, {Mode: topology.ModeQuorum}} {
		l.dataset.Mode, l.dataset.With = p.Mode, p.With
		l.configure("a")
		before := acked.Load()
		l.until("writes go on under "+p.String(), func() bool { return acked.Load() > before+50 })
	}
	// Nobody hears of the followers any more: under quorum nothing may be acknowledged.
	l.isolate("a", true)
	time.Sleep(time.Second) // commits that they had before
	before := acked.Load()
	time.Sleep(2 * time.Second)
	if now := acked.Load(); now != before {
		t.Errorf("%d writes were acknowledged without a majority", now-before)
	}
	stop.Store(true)
	l.isolate("a", false)
	writers.Wait()
	l.current("a", "b", "c")
	l.equal("a", "b", "c")
}

// pg_rewind goes by the control file's timeline, which is the old one until a
// checkpoint: the old authority comes back right after the promotion.
func TestRewindRightAfterAPromotion(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 10, "a", "b")
	l.isolate("a", true)
	l.write("a", 3)
	l.isolate("a", false) // of the proxy, not of the lead
	l.lead("b")
	l.follow("b", "a")
	l.write("b", 4)
	l.current("b", "a")
	l.equal("b", "a")
	if s := l.status("a"); s.Cut == nil || s.Cut.Entries != 3 || s.Copied > 20<<20 {
		t.Fatalf("%+v", s)
	}
	exported, err := os.ReadFile(l.status("a").Cut.Exported)
	if err != nil || strings.Count(string(exported), "\n") != 3 {
		t.Fatalf("exported %q, %v", exported, err)
	}
}

// A replica that missed two failovers, and is ahead of the first.
func TestTwoFailoversMissed(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 10, "a", "b", "c")
	l.stop("b")
	l.write("a", 5)
	l.current("a", "c")
	l.stop("c") // ahead of b
	l.stop("a")
	l.open("b")
	l.lead("b")
	l.write("b", 5)
	l.open("a")
	l.follow("b", "a")
	l.current("b", "a")
	l.stop("b")
	l.lead("a")
	l.write("a", 5)
	l.open("c")
	l.open("b")
	l.follow("a", "b", "c")
	l.current("a", "b", "c")
	l.equal("a", "b", "c")
	if cut := l.status("c").Cut; cut == nil || cut.Entries != 5 {
		t.Fatalf("c: %+v", cut)
	}
}

// Two replicas were promoted apart from each other: they chose one number for two
// timelines, have equal many entries, and other ones.
func TestTwoTimelinesOfOneNumber(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 10, "a", "b", "c")
	l.stop("a")
	l.isolate("b", true)
	l.isolate("c", true)
	l.lead("b")
	l.lead("c")
	for _, region := range []string{"b", "c"} {
		for i := range 5 {
			r := l.at(region)
			// b was not told of c's epoch: its own goes on.
			if err := r.Grant(l.ctx(), r.leadership.Led(), l.status(region).Clock, time.Hour); err != nil {
				t.Fatal(err)
			}
			if err := l.try(region, fmt.Sprintf("%s-own-%d", region, i), 5*time.Second); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.isolate("b", false)
	l.isolate("c", false)
	l.follow("c", "b")
	l.current("c", "b")
	l.equal("c", "b")
	if cut := l.status("b").Cut; cut == nil || cut.Entries != 5 {
		t.Fatalf("b: %+v", cut)
	}
}

// The process ends half way through making, rewinding or cloning.
func TestCrashHalfWay(t *testing.T) {
	l := newLab(t, topology.ModeAsync, "", "a", "b")
	l.stop("a")
	if err := (state{Phase: phaseMaking}).save(l.dir + "/a"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(l.dir+"/a/pg/data/base", 0o700); err != nil {
		t.Fatal(err)
	}
	l.open("a")
	l.lead("a")
	l.follow("a", "b")
	l.write("a", 10)
	l.current("a", "b")
	for _, half := range []phase{phaseRewinding, phaseCloning} {
		l.stop("b")
		s, err := loadState(l.dir + "/b")
		if err != nil {
			t.Fatal(err)
		}
		s.Phase, s.Seeding = half, true
		if err := s.save(l.dir + "/b"); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(l.dir + "/b/pg/data/global"); err != nil {
			t.Fatal(err)
		}
		b := l.open("b")
		if s := l.status("b"); !s.Seeding {
			t.Fatalf("%s: %+v", half, s)
		}
		if err := b.Promote(l.ctx(), l.epoch+1); !errors.Is(err, store.ErrSeeding) {
			t.Fatalf("%s: promoted: %v", half, err)
		}
		l.follow("a", "b")
		l.write("a", 2)
		l.current("a", "b")
		l.equal("a", "b")
	}
}

// The server's process is killed under its replica: it is started again, and takes
// writes once it keeps the durability as before.
func TestServerEndsByItself(t *testing.T) {
	l := newLab(t, topology.ModeSync, "b", "a", "b")
	l.lead("a")
	l.follow("a", "b")
	l.write("a", 5)
	for _, region := range []string{"a", "b", "a"} {
		p := l.at(region).server.Process()
		if err := p.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = p.Wait()
		l.until("writes are taken again", func() bool { return l.try("a", "after-"+region, time.Second) == nil })
	}
	l.write("a", 5)
	l.current("a", "b")
	l.equal("a", "b")
}

// A weight is preloaded once, copied by a clone, and copied anew by a reseed.
func TestWeightIsCopied(t *testing.T) {
	const weight = 8 << 20
	l := newLab(t, topology.ModeAsync, "", "a", "b")
	for range 2 {
		for region, lead := range map[string]bool{"a": true, "b": false} {
			if err := l.at(region).Preload(l.ctx(), weight, lead); err != nil {
				t.Fatal(err)
			}
		}
	}
	if s := l.status("a"); s.Bytes != weight || s.LastIn != store.PreloadEpoch || s.Entries != weight/store.PreloadEntry {
		t.Fatalf("%+v", s)
	}
	l.epoch = 1
	l.lead("a")
	l.follow("a", "b")
	l.current("a", "b")
	if s := l.status("b"); s.Bytes != weight || s.Copied < weight {
		t.Fatalf("%+v", s)
	}
	if err := l.at("a").Reseed(l.ctx()); err == nil {
		t.Fatal("an authority dropped what it has")
	}
	if err := l.at("b").Reseed(l.ctx()); err != nil {
		t.Fatal(err)
	}
	l.write("a", 3)
	l.current("a", "b")
	if s := l.status("b"); s.Copied < weight || s.Copied > weight+16<<20 {
		t.Fatalf("%+v", s)
	}
	l.equal("a", "b")
}

// An id is text for the database; what is no text is refused before.
func TestIDsThatAreNoText(t *testing.T) {
	l := newLab(t, topology.ModeAsync, "", "a")
	l.lead("a")
	for _, id := range []string{"a\x00b", "\xff"} {
		if _, err := l.at("a").Append(l.ctx(), store.Write{ID: id}); !errors.Is(err, store.ErrBadWrite) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if s := l.status("a"); s.Entries != 0 {
		t.Fatalf("%+v", s)
	}
}

// The data of a fleet that an older build kept has no table for the probe: that is no hang,
// and the table is made.
func TestDataWithoutAProbe(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 5, "a", "b")
	if _, err := l.at("a").server.Own().Exec(l.ctx(), "DROP TABLE probe"); err != nil {
		t.Fatal(err)
	}
	l.until("the probe writes again", func() bool {
		var rows int
		err := l.at("a").server.Own().QueryRow(l.ctx(), "SELECT count(*) FROM probe").Scan(&rows)
		if s := l.status("a"); s.Stalled > time.Second {
			t.Fatalf("it is taken for a hang: %+v", s)
		}
		return err == nil && rows == 1
	})
	l.write("a", 5)
	l.current("a", "b")
}
