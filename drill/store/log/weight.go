package log

import (
	"context"
	"errors"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// weightBatch is the payload of one transaction of a preload.
const weightBatch = 4 << 20

var _ store.Heavy = (*Replica)(nil)

// Preload fills a replica that has never held anything; see store.Heavy. One that
// was broken off goes on where it stopped; one that has had an authority, or is
// to be copied whole, is left as it is. Every region makes the entries itself.
//
// bytes are rounded up to whole entries of 64 KiB. So the entries of a smaller
// weight begin those of a larger one, and regions that were loaded with different
// weights, or that one of stopped half way, still have one history.
func (r *Replica) Preload(ctx context.Context, bytes int64, _ bool) error {
	total := store.WeightEntries(bytes)
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := r.apply(step{
			allowed: func() error { return nil },
			write: func(c *change) error {
				// One that leads or follows has a reign: whoever joins a fleet preloads first.
				if done = c.position >= total || c.reign != 0 || c.seeding; done {
					return nil
				}
				if c.position > 0 {
					if found, ok, err := find(c.ids, c.entries, store.WeightID(c.position)); err != nil || !ok || found.Index != c.position {
						done = true // it holds something else
						return err
					}
				}
				for filled := 0; filled < weightBatch && c.position < total; filled += store.WeightEntry {
					index := c.position + 1
					e := store.Entry{Index: index, Epoch: store.WeightEpoch, ID: store.WeightID(index), Payload: store.WeightPayload(r.cfg.Dataset, index)}
					if err := c.append(e); err != nil {
						return err
					}
				}
				return nil
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Reseed drops everything that a follower holds and copies it anew; see store.Heavy.
func (r *Replica) Reseed(ctx context.Context) error {
	r.mu.Lock()
	f := r.following
	r.mu.Unlock()
	if f == nil {
		return fmt.Errorf("reseed %s in %s: it follows nobody that it could be copied from", r.cfg.Dataset, r.cfg.Region)
	}
	// A stream that is under way would go on behind the entries that are dropped.
	err := r.apply(step{
		allowed: func() error {
			if r.following != f {
				return fmt.Errorf("reseed %s in %s: it follows another authority since", r.cfg.Dataset, r.cfg.Region)
			}
			r.unfollow()
			return nil
		},
		write: func(c *change) error {
			c.seeding, c.dirty = true, true
			return c.cut(0)
		},
		then: func() { r.cuts++ },
	})
	if err == nil {
		r.cfg.Logger.Warn("contents dropped", "authority", f.authority)
	}
	r.mu.Lock()
	still := r.following
	r.mu.Unlock()
	if err != nil && still != nil {
		return err // it was not even begun
	}
	// A disk that refused has everything yet, and is followed with as before.
	return errors.Join(err, r.Follow(ctx, f.authority, f.epoch))
}

// seeded notes that everything is here that the authority had when the copying
// began. Call it without mu.
func (f *following) seeded() error {
	return f.apply(step{
		allowed: f.current,
		write: func(c *change) error {
			c.seeding, c.dirty = false, true
			return nil
		},
	})
}
