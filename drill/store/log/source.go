package log

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// EpochEnd answers a follower's question where an epoch ended here.
func (r *Replica) EpochEnd(_ context.Context, leader, epoch uint64) (store.EpochEnd, error) {
	held := r.contents.view()
	if err := r.leads(held, leader); err != nil {
		return store.EpochEnd{}, fmt.Errorf("end of epoch %d of %s in %s: %w", epoch, r.cfg.Dataset, r.cfg.Region, err)
	}
	return held.epochs.end(epoch, held.position), nil
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
		held, ended := r.contents.view(), r.leadership.Changed()
		if err := r.leads(held, leader); err != nil {
			return err
		}
		position := held.position
		if after > position {
			return fmt.Errorf("entry %d was asked for, %d is the last: ask for the end of your last epoch first", after+1, position)
		}
		if after < position {
			entries, err := r.contents.disk.read(after, position, r.cfg.BatchBytes)
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
		case <-held.changed:
		case <-ended: // promoted anew, following, closed
		case <-idle.C:
			if err := each(store.Batch{Position: position}); err != nil {
				return err
			}
			idle.Reset(r.cfg.Heartbeat)
		}
	}
}

// Stored keeps what a follower has on disk: its last report counts, since a
// follower whose disk was replaced has less than before. A late one is put right
// by the follower's next.
func (r *Replica) Stored(_ context.Context, leader uint64, region string, position uint64) error {
	err := r.leadership.Leads(leader)
	if own := r.contents.view().position; err == nil && position > own {
		err = fmt.Errorf("it has %d entries, this authority only %d", position, own)
	}
	if err == nil && !r.reports.take(leader, region, position) {
		err = store.ErrStaleEpoch // promoted anew meanwhile
	}
	if err != nil {
		return fmt.Errorf("report of %s to %s in %s: %w", region, r.cfg.Dataset, r.cfg.Region, err)
	}
	return nil
}

// leads says whether what was seen of the contents is of an authority of that epoch.
func (r *Replica) leads(held view, epoch uint64) error {
	err := r.leadership.Leads(epoch)
	if err == nil && held.saved.Led != epoch {
		err = store.ErrNotAuthority // it was promoted just now: ask again
	}
	return err
}
