package log

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// preloadBatch is the payload of one transaction of a preload.
const preloadBatch = 4 << 20

var _ store.Preloader = (*Replica)(nil)

// Preload fills a replica that has never held anything; see store.Preloader. One that
// was broken off goes on where it stopped; one that has had an authority, or is
// to be copied whole, is left as it is. Every region makes the entries itself.
//
// bytes are rounded up to whole entries of 64 KiB. So the entries of a smaller
// weight begin those of a larger one, and regions that were loaded with different
// weights, or that one of stopped half way, still have one history.
func (r *Replica) Preload(ctx context.Context, bytes int64, lead bool) error {
	if !lead && backsUp(r.leadership.Rule()) {
		return nil // it gets a snapshot
	}
	total := store.PreloadEntries(bytes)
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := r.contents.apply(ctx, step{
			write: func(c *change) error {
				// One that leads or follows knows an authority: whoever joins a fleet preloads first.
				if done = c.position >= total || c.saved.Authority != 0 || c.seeding; done {
					return nil
				}
				if c.position > 0 {
					if found, ok, err := find(c.ids, c.entries, store.PreloadID(c.position)); err != nil || !ok || found.Index != c.position {
						done = true // it holds something else
						return err
					}
				}
				for filled := 0; filled < preloadBatch && c.position < total; filled += store.PreloadEntry {
					index := c.position + 1
					e := store.Entry{Index: index, Epoch: store.PreloadEpoch, ID: store.PreloadID(index), Payload: store.PreloadPayload(r.cfg.Dataset, index)}
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

// Reseed drops everything that a follower holds and copies it anew; see
// store.Preloader. A disk that refuses has everything yet, and is followed with as before.
func (r *Replica) Reseed(ctx context.Context) error {
	return r.leadership.Reseed(ctx, func(f *replica.Following) error {
		err := r.contents.apply(ctx, step{write: func(c *change) error {
			c.seeding, c.dirty = true, true
			return c.cut(0)
		}})
		if err == nil {
			forget(r.backup, r.cfg.Logger)
			r.cfg.Logger.Warn("contents dropped", "authority", f.Authority)
		}
		return err
	}, func(to *replica.Change) error { return r.begin(ctx, to) })
}

// seeded keeps on disk that everything is here that the authority had when the copying
// began.
func (f *following) seeded() error {
	return f.contents.apply(context.Background(), step{
		allowed: f.current,
		write: func(c *change) error {
			c.seeding, c.dirty = false, true
			return nil
		},
	})
}
