package log

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// hand is a clock that is moved by hand.
type hand struct{ now atomic.Int64 }

func (h *hand) read() time.Duration   { return time.Duration(h.now.Load()) }
func (h *hand) move(by time.Duration) { h.now.Add(int64(by)) }

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

func TestOpen(t *testing.T) {
	t.Parallel() // it waits for a lock
	c := Config{Dir: t.TempDir(), Dataset: dataset, Region: "west", Run: "1"}
	west, err := Open(c)
	must(t, err)
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
