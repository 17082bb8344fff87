package log

import (
	"fmt"
	"sync"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

func commits(r *Replica) uint64 {
	r.contents.writing <- struct{}{}
	defer r.contents.writing.give()
	return r.contents.disk.commits
}

// Appends that wait together share a commit, and so its fsyncs.
func TestGroupCommit(t *testing.T) {
	f := newFleet(t, nil, "east")
	r := f.at("east")
	lead(t, r, 1)
	before := commits(r)
	const writers, each = 64, 20
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := tryWrite(r, fmt.Sprintf("%d-%d", w, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	n := commits(r) - before
	t.Logf("%d appends in %d commits", writers*each, n)
	if n == 0 || n > writers*each/4 {
		t.Errorf("%d appends of %d writers took %d commits", writers*each, writers, n)
	}
	if position := status(t, r).Position; position != writers*each {
		t.Errorf("position %d after %d appends", position, writers*each)
	}
	sound(t, r)
}

// Close ends appends that wait, and does not wait for what never comes.
func TestCloseUnderLoad(t *testing.T) {
	f := newFleet(t, patient, "east", "west")
	east, west := f.at("east"), f.at("west")
	lead(t, east, 1)
	must(t, west.Follow(t.Context(), "east", 1))
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				if err := tryWrite(east, fmt.Sprintf("%d-%d", w, i)); err != nil {
					want(t, "append at the end", err, store.ErrClosed)
					return
				}
			}
		})
	}
	until(t, "writes flow", func() bool { return status(t, west).Position > 50 })
	f.set("west", "east", "silent")
	must(t, east.Close())
	wg.Wait()
	must(t, west.Close())
	f.open("east")
	f.open("west")
	sound(t, f.at("east"))
	sound(t, f.at("west"))
}
