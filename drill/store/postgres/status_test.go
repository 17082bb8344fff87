package postgres

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/proxy"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A standby that the authority refuses each time, far away, says that it streams while
// it is being refused. That is no stream, and nothing was heard on it.
func TestARefusedStreamIsNone(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 5, "a", "b")
	now, err := l.at("b").meter.read(l.ctx())
	if err != nil || !now.streams || now.heard == nil || now.heardAgo > 5*time.Second {
		t.Fatalf("a live stream: %+v, %v", now, err)
	}
	b := l.at("b")
	if err := b.Fence(l.ctx(), l.epoch+1); err != nil {
		t.Fatal(err)
	}
	// The authority drops the segments that b would go on from.
	for _, sql := range []string{"ALTER SYSTEM SET wal_keep_size = 0", "SELECT pg_reload_conf()"} {
		if _, err := l.at("a").server.Own().Exec(l.ctx(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		l.write("a", 1)
		for _, sql := range []string{"SELECT pg_switch_wal()", "CHECKPOINT"} {
			if _, err := l.at("a").server.Own().Exec(l.ctx(), sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.mu.Lock()
	l.late = 150 * time.Millisecond
	l.mu.Unlock()
	term := followed(t, "a", l.epoch)
	b.proxy.Open(term, func(ctx context.Context, first []byte) (net.Conn, error) {
		return b.dials.Dial(ctx, "a", "orders", l.epoch, first)
	})
	b.proxy.Pass(term, proxy.Learned{})
	said := 0
	for range 200 {
		var says bool
		if err := b.server.Own().QueryRow(l.ctx(), "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')").Scan(&says); err != nil {
			t.Fatal(err)
		}
		now, err := b.meter.read(l.ctx())
		if err != nil {
			t.Fatal(err)
		}
		if says {
			said++
		}
		if now.streams || now.heard != nil {
			t.Fatalf("refused: %+v", now)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if said == 0 {
		t.Fatal("it was never seen to say that it streams")
	}
	b.proxy.Close()
	l.mu.Lock()
	l.late = 0
	l.mu.Unlock()
	l.epoch++
	l.lead("a")
	l.follow("a", "b") // what it lacks is there no more: a whole copy
	l.current("a", "b")
	l.equal("a", "b")
}

// While its only follower is copied whole nobody knows what is at risk, and no durability
// is kept by what it once had.
func TestAReseedIsSeenByTheAuthority(t *testing.T) {
	l := newLab(t, topology.ModeSync, "b", "a", "b")
	if err := l.at("a").Preload(l.ctx(), 4<<20, true); err != nil {
		t.Fatal(err)
	}
	l.epoch = 1
	l.lead("a")
	l.follow("a", "b")
	l.write("a", 5)
	l.current("a", "b")
	for _, region := range []string{"a", "b"} { // by whoever joins a fleet that was left up
		if err := l.at(region).Preload(l.ctx(), 4<<20, region == "a"); err != nil {
			t.Fatal(err)
		}
	}
	l.until("nothing is at risk", func() bool {
		s := l.status("a")
		return s.AtRisk != nil && *s.AtRisk == 0 && s.DurableIndex == s.Position
	})
	l.mu.Lock()
	l.late = 10 * time.Millisecond
	l.mu.Unlock()
	if err := l.at("b").Reseed(l.ctx()); err != nil {
		t.Fatal(err)
	}
	l.until("what b had counts no more", func() bool {
		s := l.status("a")
		_, known := s.Followers["b"]
		return s.AtRisk == nil && s.DurableIndex == 0 && !known
	})
	l.mu.Lock()
	l.late = 0
	l.mu.Unlock()
	l.current("a", "b")
	l.write("a", 2)
	l.until("nothing is at risk again", func() bool {
		s := l.status("a")
		return s.AtRisk != nil && *s.AtRisk == 0 && s.DurableIndex == s.Position
	})
}

// A server reaches only the authority whose history was compared with its own: one that
// was away for two failovers may find the region that it followed leading again.
func TestATunnelIsOfOneEpoch(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 1, "a", "b")
	for _, epoch := range []uint64{l.epoch - 1, l.epoch + 1} {
		near, far := net.Pipe()
		if err := l.at("a").ServeConn(l.ctx(), far, epoch); !errors.Is(err, store.ErrNotAuthority) {
			t.Errorf("one who follows in epoch %d: %v", epoch, err)
		}
		if _, err := near.Read(make([]byte, 1)); err == nil {
			t.Error("it was served")
		}
	}
}

// followed is an authority that a replica is taken to follow.
func followed(t *testing.T, authority string, epoch uint64) (term *replica.Following) {
	t.Helper()
	l := replica.New(replica.Config{Dataset: "orders", Region: "b", Clock: func() time.Duration { return 0 }}, replica.Epochs{})
	t.Cleanup(func() { l.Close() })
	if err := l.Follow(context.Background(), authority, epoch, func(to *replica.Change) error { term = to.Done(); return nil }); err != nil {
		t.Fatal(err)
	}
	return term
}
