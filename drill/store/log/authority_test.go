package log

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// hand is a clock that is moved by hand.
type hand struct{ now atomic.Int64 }

func (h *hand) read() time.Duration   { return time.Duration(h.now.Load()) }
func (h *hand) move(by time.Duration) { h.now.Add(int64(by)) }

// one opens one replica on a clock moved by hand.
func one(t *testing.T) (*fleet, *Replica, *hand) {
	clock := &hand{}
	clock.move(time.Hour)
	f := newFleet(t, func(c *Config) { c.Clock = clock.read }, "east")
	return f, f.at("east"), clock
}

func tryWrite(r *Replica, id string) error {
	_, err := r.Append(context.Background(), store.Write{ID: id, Payload: payloadOf(id)})
	return err
}

func want(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || (want == nil && got != nil) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestLease(t *testing.T) {
	const lease = 1500 * time.Millisecond
	ctx := context.Background()
	f, r, clock := one(t)
	want(t, "append before any promotion", tryWrite(r, "a"), store.ErrFenced)
	must(t, r.Promote(ctx, 1))
	want(t, "append before any grant", tryWrite(r, "a"), store.ErrFenced)
	if role := status(t, r).Role; role != drill.RoleFenced {
		t.Errorf("promoted without a lease it says %s", role)
	}

	first := status(t, r).Clock
	must(t, r.Grant(ctx, 1, first, lease))
	want(t, "append within the lease", tryWrite(r, "a"), nil)
	clock.move(lease - 1)
	if s := status(t, r); s.Role != drill.RoleAuthority || s.LeaseLeft != 1 {
		t.Errorf("1 ns before the end it says %s, %s left", s.Role, s.LeaseLeft)
	}
	want(t, "append 1 ns before the end", tryWrite(r, "b"), nil)
	clock.move(1)
	if s := status(t, r); s.Role != drill.RoleFenced || s.LeaseLeft != 0 || s.Epoch != 1 {
		t.Errorf("at the end it says %s, %s left, epoch %d", s.Role, s.LeaseLeft, s.Epoch)
	}
	want(t, "append at the end", tryWrite(r, "c"), store.ErrFenced)

	// A grant that lay in a queue while the process was frozen is counted from the
	// old reading, so it gives nothing now.
	must(t, r.Grant(ctx, 1, first, lease))
	want(t, "append on a grant that lay in a queue", tryWrite(r, "c"), store.ErrFenced)

	second := status(t, r).Clock
	must(t, r.Grant(ctx, 1, second, lease))
	must(t, r.Grant(ctx, 1, first, lease))
	if left := status(t, r).LeaseLeft; left != lease {
		t.Errorf("an overtaken grant moved the lease to %s", left)
	}

	want(t, "grant in an epoch it does not lead", r.Grant(ctx, 2, second, lease), store.ErrNotAuthority)
	future := second
	future.Reading++
	want(t, "grant on a reading never given", r.Grant(ctx, 1, future, lease), store.ErrStaleClock)
	must(t, r.Grant(ctx, 1, second, math.MaxInt64))
	if left := status(t, r).LeaseLeft; left <= 1<<60 {
		t.Errorf("the longest lease overflowed to %s", left)
	}

	// A restart: it knows its epoch, and holds no lease until one is granted to this run.
	r = f.restart("east")
	if s := status(t, r); s.Role != drill.RoleFenced || s.Epoch != 1 || s.Position != 2 {
		t.Errorf("after a restart it says %s, epoch %d, position %d", s.Role, s.Epoch, s.Position)
	}
	want(t, "append after a restart", tryWrite(r, "c"), store.ErrFenced)
	want(t, "grant to the run before", r.Grant(ctx, 1, second, lease), store.ErrStaleClock)
	want(t, "append after that", tryWrite(r, "c"), store.ErrFenced)
	must(t, r.Promote(ctx, 1))
	want(t, "append when promoted again to the same epoch", tryWrite(r, "c"), store.ErrFenced)
	must(t, r.Grant(ctx, 1, status(t, r).Clock, lease))
	want(t, "append with a lease of this run", tryWrite(r, "c"), nil)
	must(t, r.Promote(ctx, 1))
	want(t, "append after the same promotion once more", tryWrite(r, "d"), nil)
	must(t, r.Promote(ctx, 2))
	want(t, "append in a new epoch on the old lease", tryWrite(r, "e"), store.ErrFenced)
	sound(t, r)
}

// The process is frozen while a write is on its way to disk: it is stored, and
// after the thaw not acknowledged.
func TestLeaseOverDuringCommit(t *testing.T) {
	var frozen atomic.Bool
	clock := &hand{}
	clock.move(time.Hour)
	var asked atomic.Int64
	f := newFleet(t, func(c *Config) {
		c.Clock = func() time.Duration {
			// Asked before it is queued, and before it is written; then the clock leaps.
			if frozen.Load() && asked.Add(1) == 3 {
				clock.move(time.Minute)
			}
			return clock.read()
		}
	}, "east")
	r := f.at("east")
	must(t, r.Promote(t.Context(), 1))
	must(t, r.Grant(t.Context(), 1, status(t, r).Clock, time.Second))
	frozen.Store(true)
	want(t, "append over a freeze", tryWrite(r, "a"), store.ErrFenced)
	if position := status(t, r).Position; position != 1 {
		t.Errorf("position %d: the write was to be stored before the lease was looked at again", position)
	}
}

func TestEpochs(t *testing.T) {
	ctx := context.Background()
	f := newFleet(t, nil, "east", "west")
	r := f.at("east")
	lead(t, r, 3)
	write(t, r, "a")
	want(t, "promote below", r.Promote(ctx, 2), store.ErrStaleEpoch)
	want(t, "fence below", r.Fence(ctx, 2), store.ErrStaleEpoch)
	want(t, "grant below", r.Grant(ctx, 2, status(t, r).Clock, time.Hour), store.ErrStaleEpoch)
	want(t, "follow below", r.Follow(ctx, "west", 2), store.ErrStaleEpoch)
	if err := r.Follow(ctx, "west", 3); err == nil {
		t.Error("it follows another region in the epoch that it leads itself")
	}
	if err := r.Follow(ctx, "east", 4); err == nil {
		t.Error("it follows itself")
	}
	must(t, r.Fence(ctx, 3))
	want(t, "append after a fence below its own epoch", tryWrite(r, "b"), nil)

	must(t, r.Fence(ctx, 5))
	want(t, "append when fenced", tryWrite(r, "c"), store.ErrFenced)
	want(t, "grant when fenced", r.Grant(ctx, 3, status(t, r).Clock, time.Hour), store.ErrStaleEpoch)
	if s := status(t, r); s.Role != drill.RoleFenced || s.Epoch != 5 || s.LastIn != 3 {
		t.Errorf("fenced it says %+v", s)
	}
	r = f.restart("east")
	if s := status(t, r); s.Epoch != 5 {
		t.Errorf("the fence was forgotten: epoch %d", s.Epoch)
	}
	want(t, "promote below the fence after a restart", r.Promote(ctx, 4), store.ErrStaleEpoch)
	want(t, "promote the old epoch after a restart", r.Promote(ctx, 3), store.ErrStaleEpoch)
	// A controller fences all replicas with the next epoch and then promotes one in it.
	lead(t, r, 5)
	write(t, r, "c")

	west := f.at("west")
	must(t, west.Follow(ctx, "east", 5))
	untilEqual(t, west, r)
	want(t, "promote in an epoch that another region leads", west.Promote(ctx, 5), store.ErrStaleEpoch)
	want(t, "append to a follower", tryWrite(west, "x"), store.ErrNotAuthority)
	want(t, "grant to a follower", west.Grant(ctx, 5, status(t, west).Clock, time.Hour), store.ErrNotAuthority)
	west = f.restart("west")
	want(t, "the same after a restart", west.Promote(ctx, 5), store.ErrStaleEpoch)
	want(t, "append to a former follower after a restart", tryWrite(west, "x"), store.ErrFenced)
}

func TestConfigure(t *testing.T) {
	t.Parallel() // it waits for a lock
	ctx := context.Background()
	_, r, _ := one(t)
	for _, d := range []drill.Dataset{
		{Mode: ""}, {Mode: "eventual"}, {Mode: drill.ModeSync}, {Mode: drill.ModeSync, With: "nowhere", Regions: regions},
		{Mode: drill.ModeAsync, Also: &drill.Durability{Mode: drill.ModeSync}, Regions: regions},
	} {
		d.Name = dataset
		want(t, fmt.Sprintf("mode %q with %q", d.Mode, d.With), r.Configure(ctx, d), store.ErrMode)
	}
	if err := r.Configure(ctx, drill.Dataset{Name: "carts", Mode: drill.ModeAsync}); err == nil {
		t.Error("configured for another dataset")
	}
	c := Config{Dir: t.TempDir(), Dataset: dataset, Region: "west", Run: "1"}
	west, err := Open(c)
	must(t, err)
	must(t, west.Promote(ctx, 1))
	must(t, west.Grant(ctx, 1, status(t, west).Clock, time.Hour))
	want(t, "append without a mode", tryWrite(west, "a"), store.ErrMode)
	if _, err := Open(c); err == nil {
		t.Error("opened twice at once")
	}
	must(t, west.Close())
	must(t, west.Close())
	c.Dataset = "carts"
	if _, err := Open(c); err == nil {
		t.Error("opened as another dataset")
	}
	if _, err := Open(Config{}); err == nil {
		t.Error("opened without a folder")
	}
}

// Once Fence has returned, nothing more is acknowledged, and the position says
// all that ever was.
func TestFenceUnderLoad(t *testing.T) {
	f := newFleet(t, nil, "east")
	r := f.at("east")
	for epoch := uint64(1); epoch <= 10; epoch++ {
		lead(t, r, epoch)
		var acks sync.WaitGroup
		var highest, count atomic.Uint64
		for w := range 8 {
			acks.Go(func() {
				for i := 0; ; i++ {
					ack, err := r.Append(context.Background(), store.Write{ID: fmt.Sprintf("%d-%d-%d", epoch, w, i)})
					if err != nil {
						want(t, "append when fenced", err, store.ErrFenced)
						return
					}
					count.Add(1)
					for old := highest.Load(); ack.Index > old && !highest.CompareAndSwap(old, ack.Index); old = highest.Load() {
					}
				}
			})
		}
		until(t, "writes flow", func() bool { return count.Load() > 20 })
		must(t, r.Fence(context.Background(), epoch+1))
		position := status(t, r).Position
		acks.Wait()
		if highest.Load() > position || status(t, r).Position != position {
			t.Fatalf("epoch %d: fenced at position %d, acknowledged up to %d, now at %d", epoch, position, highest.Load(), status(t, r).Position)
		}
	}
	sound(t, r)
}
