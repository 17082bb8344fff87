package log

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Promote makes this replica the authority in epoch, beginning with the next
// position; that start is on disk when it returns. The same epoch again changes
// nothing. ErrStaleEpoch if epoch is below one it was told, or another region may lead
// it; ErrSeeding while it is copied whole.
func (r *Replica) Promote(_ context.Context, epoch uint64) error {
	var again bool
	var told uint64
	err := r.apply(step{
		allowed: func() error {
			again = r.leads() && epoch == r.led
			if r.seeding {
				return store.ErrSeeding
			}
			if epoch == 0 || epoch < r.epoch || (epoch <= r.reign && !again) {
				return fmt.Errorf("%w: it knows of epoch %d, and of an authority in epoch %d", store.ErrStaleEpoch, r.epoch, r.reign)
			}
			return nil
		},
		write: func(c *change) error {
			if again {
				return nil
			}
			c.epoch, c.reign, c.led, c.tail = epoch, epoch, epoch, nil
			return c.begin(epoch, c.position+1)
		},
		then: func() {
			r.unfollow()
			if !again {
				r.lease = 0
				clear(r.followers)
			}
			told = r.epoch
		},
	})
	if err == nil && told > epoch {
		err = fmt.Errorf("%w: it was fenced below epoch %d meanwhile", store.ErrStaleEpoch, told)
	}
	if err != nil {
		return fmt.Errorf("promote %s in %s to epoch %d: %w", r.cfg.Dataset, r.cfg.Region, epoch, err)
	}
	r.cfg.Logger.Info("promoted", "epoch", epoch)
	return nil
}

// Grant lets the authority of epoch serve writes until lease after the reading.
// A reading so old that the lease is over already changes nothing and is no error.
func (r *Replica) Grant(_ context.Context, epoch uint64, echo store.Clock, lease time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	now := r.cfg.Clock()
	reading := time.Duration(echo.Reading)
	switch {
	case r.closed:
		err = ErrClosed
	case epoch < r.epoch:
		err = fmt.Errorf("%w: it has been told epoch %d", store.ErrStaleEpoch, r.epoch)
	case !r.leads() || epoch != r.led:
		err = fmt.Errorf("%w of epoch %d: promote it first", store.ErrNotAuthority, epoch)
	case echo.Run != r.cfg.Run:
		err = fmt.Errorf("%w: run %q, this is %q: ask for its status first", store.ErrStaleClock, echo.Run, r.cfg.Run)
	case reading > now:
		err = fmt.Errorf("%w: it echoes a reading that this run has not given yet", store.ErrStaleClock)
	}
	if err != nil {
		return fmt.Errorf("grant %s in %s a lease for epoch %d: %w", r.cfg.Dataset, r.cfg.Region, epoch, err)
	}
	until := reading + lease
	if lease > 0 && until < reading {
		until = math.MaxInt64
	}
	// Grants can overtake one another; the one given last reaches furthest.
	r.lease = max(r.lease, until)
	return nil
}

// Fence stops writes in every epoch below epoch at once, and copying from an
// authority of such an epoch: when it returns, the position stays as it is until
// Promote or Follow. If the disk can't persist it, it holds in memory all the
// same, and the error says so. ErrStaleEpoch if a higher epoch is known.
func (r *Replica) Fence(_ context.Context, epoch uint64) error {
	r.mu.Lock()
	stale := epoch < r.epoch
	if !stale {
		r.epoch = epoch
		r.judge()
		if r.following != nil && r.following.epoch < epoch {
			r.unfollow()
		}
	}
	known := r.epoch
	r.mu.Unlock()
	if stale {
		return fmt.Errorf("fence %s in %s below epoch %d: %w: it knows of epoch %d", r.cfg.Dataset, r.cfg.Region, epoch, store.ErrStaleEpoch, known)
	}
	// Waiting for a turn to write also lets a batch that was half way in end first.
	err := r.apply(step{
		allowed: func() error { return nil },
		write: func(c *change) error {
			c.epoch = max(c.epoch, epoch)
			c.dirty = true
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("fence %s in %s below epoch %d: it takes no writes, but a restart may forget that: %w", r.cfg.Dataset, r.cfg.Region, epoch, err)
	}
	r.cfg.Logger.Info("fenced", "below", epoch)
	return nil
}

// serving says whether a write may be acknowledged now. Call it with mu held.
func (r *Replica) serving() error {
	switch left := r.lease - r.cfg.Clock(); {
	case r.closed:
		return ErrClosed
	case r.following != nil:
		return fmt.Errorf("%w: it follows %s in epoch %d", store.ErrNotAuthority, r.following.authority, r.following.epoch)
	case r.mode == "":
		return fmt.Errorf("%w: it has not been told its mode yet", store.ErrMode)
	case r.led == 0:
		return fmt.Errorf("%w: it has not been promoted", store.ErrFenced)
	case r.led < r.epoch:
		return fmt.Errorf("%w: it led epoch %d, and epoch %d was told since", store.ErrFenced, r.led, r.epoch)
	case r.lease == 0:
		return fmt.Errorf("%w was granted for epoch %d yet", store.ErrFenced, r.led)
	case left <= 0:
		return fmt.Errorf("%w: that of epoch %d ran out %s ago", store.ErrFenced, r.led, -left)
	}
	return nil
}
