package log

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

func commits(r *Replica) uint64 {
	r.contents.writing.Lock()
	defer r.contents.writing.Unlock()
	return r.contents.disk.commits
}

func TestAppend(t *testing.T) {
	ctx := context.Background()
	f := newFleet(t, nil, "east")
	r := f.at("east")
	lead(t, r, 1)
	write(t, r, "a", "b")
	lead(t, r, 2)
	write(t, r, "c")

	// A retry gets the place that the write has, and stores nothing.
	before := status(t, r)
	ack, err := r.Append(ctx, store.Write{ID: "b", Payload: payloadOf("b")})
	if must(t, err); ack != (store.Ack{Index: 2, Epoch: 1}) {
		t.Errorf("a retry was acknowledged as %+v", ack)
	}
	_, err = r.Append(ctx, store.Write{ID: "b", Payload: []byte("other")})
	want(t, "an id with another payload", err, store.ErrBadWrite)
	_, err = r.Append(ctx, store.Write{Payload: []byte("x")})
	want(t, "no id", err, store.ErrBadWrite)
	_, err = r.Append(ctx, store.Write{ID: strings.Repeat("x", MaxID+1)})
	want(t, "a long id", err, store.ErrBadWrite)
	_, err = r.Append(ctx, store.Write{ID: "big", Payload: make([]byte, MaxPayload+1)})
	want(t, "a large payload", err, store.ErrBadWrite)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for range 20 { // whichever of its waits the context ends
		_, err = r.Append(gone, store.Write{ID: "b", Payload: payloadOf("b")})
		if err != nil {
			want(t, "a context that ended", err, context.Canceled)
		}
	}
	if after := status(t, r); after.Position != before.Position || after.Bytes != before.Bytes {
		t.Errorf("position %d and %d bytes became %d and %d", before.Position, before.Bytes, after.Position, after.Bytes)
	}

	largest := store.Write{ID: strings.Repeat("y", MaxID), Payload: make([]byte, MaxPayload)}
	_, err = r.Append(ctx, largest)
	must(t, err)
	sound(t, r)
	all := entriesOf(t, r)
	r = f.restart("east")
	if !sameLog(entriesOf(t, r), all) {
		t.Error("after a restart the log is another")
	}
	sound(t, r)
	if e, ok, err := r.Lookup(ctx, "nobody"); ok || err != nil {
		t.Errorf("looked up what is not there: %+v (%v)", e, err)
	}

	must(t, r.Close())
	want(t, "append when closed", tryWrite(r, "z"), store.ErrClosed)
	_, _, err = r.Lookup(ctx, "a")
	want(t, "look-up when closed", err, store.ErrClosed)
	want(t, "promote when closed", r.Promote(ctx, 9), store.ErrClosed)
	want(t, "stream when closed", r.Stream(ctx, 2, 0, func(store.Batch) error { return nil }), store.ErrClosed)
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

// The same id at the same time, as of a client that retries too early: one is
// stored, all get its place.
func TestSameIDAtOnce(t *testing.T) {
	f := newFleet(t, nil, "east")
	r := f.at("east")
	lead(t, r, 1)
	var wg sync.WaitGroup
	acks := make([]store.Ack, 32)
	for i := range acks {
		wg.Go(func() { acks[i], _ = r.Append(context.Background(), store.Write{ID: "same"}) })
	}
	wg.Wait()
	for _, ack := range acks {
		if ack != (store.Ack{Index: 1, Epoch: 1}) {
			t.Fatalf("acknowledged as %+v", acks)
		}
	}
	if position := status(t, r).Position; position != 1 {
		t.Errorf("position %d", position)
	}
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
