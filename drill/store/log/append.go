package log

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// commitBytes is the most that one transaction of appends carries: what a disk
// of 100 MB/s writes in 40 ms, so that no append waits long for others'.
const commitBytes = 4 << 20

// pending is an append on its way to disk.
type pending struct {
	write store.Write
	done  chan committed // takes one answer without waiting
}

type committed struct {
	ack store.Ack
	led uint64 // the epoch it was committed in, which for a repeated id is not the entry's
	err error
}

// Append stores a write; see store.Replica.
func (r *Replica) Append(ctx context.Context, w store.Write) (store.Ack, error) {
	ack, err := r.append(ctx, w)
	if err != nil {
		return store.Ack{}, fmt.Errorf("append to %s in %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return ack, nil
}

func (r *Replica) append(ctx context.Context, w store.Write) (store.Ack, error) {
	if err := checkWrite(w.ID, w.Payload); err != nil {
		return store.Ack{}, err
	}
	if _, err := r.leadership.Serving(); err != nil {
		return store.Ack{}, err
	}
	p := &pending{write: w, done: make(chan committed, 1)}
	select {
	case r.queue <- p:
	case <-ctx.Done():
		return store.Ack{}, ctx.Err()
	case <-r.leadership.Context().Done():
		return store.Ack{}, store.ErrClosed
	}
	var c committed
	select {
	case c = <-p.done:
	case <-ctx.Done():
		return store.Ack{}, ctx.Err()
	}
	if c.err != nil {
		return store.Ack{}, c.err
	}
	// It is on the authority's disk, which is all that async asks for; other modes
	// wait for followers' reports. The disk took its time, and this process may have
	// been frozen: what was allowed before it must be so still.
	if err := r.awaitDurable(ctx, c.ack.Index, c.led); err != nil {
		return store.Ack{}, err
	}
	return c.ack, nil
}

// awaitDurable returns once every durability of the rule holds for the entry, with the
// lease still held in the epoch that it was committed in.
func (r *Replica) awaitDurable(ctx context.Context, index, led uint64) error {
	release := func() {}
	defer func() { release() }()
	held := false
	return r.leadership.Await(ctx, led, func() (bool, <-chan struct{}) {
		news := r.reports.news()
		rule := r.leadership.Rule()
		if r.reports.copies(r.contents.view().state, rule).Durable(rule.Durabilities) >= index {
			return true, nil
		}
		if !held {
			held, release = true, r.reports.hold(index)
		}
		return false, news
	})
}

// commitAll is the committer: all that waits goes to disk in one transaction,
// and while that is written the next ones gather.
func (r *Replica) commitAll() {
	var retry <-chan time.Time
	for {
		select {
		case <-r.leadership.Context().Done():
			return
		case p := <-r.queue:
			r.commit(r.gather(p))
		case <-r.contents.failed:
			retry = time.After(r.cfg.RetryDisk)
		case <-retry:
			retry = nil
			r.contents.retry(context.Background())
		}
	}
}

// gather takes what waits beside the first, without waiting for more.
func (r *Replica) gather(first *pending) []*pending {
	// Those that were acknowledged by the last commit are just about to write
	// again: let them come.
	runtime.Gosched()
	batch, total := []*pending{first}, len(first.write.Payload)
	for len(batch) < maxBatch && total < commitBytes {
		select {
		case p := <-r.queue:
			batch = append(batch, p)
			total += len(p.write.Payload)
		default:
			return batch
		}
	}
	return batch
}

func (r *Replica) commit(batch []*pending) {
	results := make([]committed, len(batch))
	var led uint64
	err := r.contents.apply(context.Background(), step{
		allowed: func() (err error) {
			led, err = r.leadership.Serving()
			return err
		},
		write: func(c *change) error {
			for i, p := range batch {
				var err error
				if results[i], err = c.take(led, p.write); err != nil {
					return err
				}
			}
			return nil
		},
	})
	switch {
	case err == nil:
		r.contents.health.Stored()
	case errors.Is(err, errDisk):
		r.contents.health.Refused(err)
	}
	for i, p := range batch {
		if err != nil {
			results[i] = committed{err: err}
		}
		p.done <- results[i]
	}
}

// take stores one write in the epoch that is led, or finds it stored already. What is wrong with the write
// alone is in the result: the others of its batch have nothing to do with it.
func (c *change) take(led uint64, w store.Write) (committed, error) {
	found, ok, err := find(c.ids, c.entries, w.ID)
	switch {
	case err != nil:
		return committed{}, fmt.Errorf("%w: %w", errDisk, err)
	case ok && !bytes.Equal(found.Payload, w.Payload):
		return committed{err: fmt.Errorf("%w: id %s is entry %d with another payload; give each write an id of its own",
			store.ErrBadWrite, strconv.Quote(w.ID), found.Index)}, nil
	case ok:
		return committed{ack: store.Ack{Index: found.Index, Epoch: found.Epoch}, led: led}, nil
	}
	e := store.Entry{Index: c.position + 1, Epoch: led, ID: w.ID, Payload: w.Payload}
	return committed{ack: store.Ack{Index: e.Index, Epoch: e.Epoch}, led: led}, c.append(e)
}
