package log

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// EpochEnd answers a follower's question where an epoch ended here.
func (r *Replica) EpochEnd(_ context.Context, leader, epoch uint64) (store.EpochEnd, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.leading(leader); err != nil {
		return store.EpochEnd{}, fmt.Errorf("end of epoch %d of %s in %s: %w", epoch, r.cfg.Dataset, r.cfg.Region, err)
	}
	return r.epochs.end(epoch, r.position), nil
}

// Stream calls each with the entries above after as they come to be on disk
// here, and with an empty batch at the start and whenever a heartbeat passed
// without one. each may take its time: what comes meanwhile goes in the next
// batch. It ends with an error, or nil when ctx ends.
func (r *Replica) Stream(ctx context.Context, leader, after uint64, each func(store.Batch) error) error {
	if err := r.stream(ctx, leader, after, each); err != nil && ctx.Err() == nil {
		return fmt.Errorf("stream of %s from %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return nil
}

func (r *Replica) stream(ctx context.Context, leader, after uint64, each func(store.Batch) error) error {
	idle := time.NewTimer(0)
	defer idle.Stop()
	for {
		r.mu.Lock()
		err := r.leading(leader)
		position, news := r.position, r.news
		r.mu.Unlock()
		if err != nil {
			return err
		}
		if after > position {
			return fmt.Errorf("entry %d was asked for, %d is the last: ask for the end of your last epoch first", after+1, position)
		}
		if after < position {
			entries, err := r.disk.read(after, position, r.cfg.BatchBytes)
			if err != nil {
				return err
			}
			if err := each(store.Batch{Entries: entries, Position: position}); err != nil {
				return err
			}
			after = entries[len(entries)-1].Index
			idle.Reset(r.cfg.Heartbeat)
			if ctx.Err() != nil {
				return nil
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-news:
		case <-idle.C:
			if err := each(store.Batch{Position: position}); err != nil {
				return err
			}
			idle.Reset(r.cfg.Heartbeat)
		}
	}
}

// Stored notes what a follower has on disk: its last report counts, since a
// follower whose disk was replaced has less than before. A late one is put right
// by the follower's next.
func (r *Replica) Stored(_ context.Context, leader uint64, region string, position uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.leading(leader)
	if err == nil && position > r.position {
		err = fmt.Errorf("it has %d entries, this authority only %d", position, r.position)
	}
	if err != nil {
		return fmt.Errorf("report of %s to %s in %s: %w", region, r.cfg.Dataset, r.cfg.Region, err)
	}
	if r.followers[region] != position {
		r.followers[region] = position
		r.judge()
	}
	return nil
}

// leading says whether it is the authority of that very epoch. A fenced one is:
// its followers may still take in the rest. Call it with mu held.
func (r *Replica) leading(epoch uint64) error {
	switch {
	case r.closed:
		return ErrClosed
	case !r.leads():
		return store.ErrNotAuthority
	case epoch < r.led:
		return fmt.Errorf("%w: %d, it leads epoch %d", store.ErrStaleEpoch, epoch, r.led)
	case epoch > r.led:
		return fmt.Errorf("%w of epoch %d, but of epoch %d", store.ErrNotAuthority, epoch, r.led)
	}
	return nil
}
