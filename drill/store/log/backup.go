package log

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
	"github.com/fleetdrill/fleetdrill/drill/store/snapshot"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var _ store.Snapshotter = (*Replica)(nil)

// Snapshot ships one now; see store.Snapshotter.
func (r *Replica) Snapshot(ctx context.Context) error {
	r.mu.Lock()
	f := r.following
	r.mu.Unlock()
	err := fmt.Errorf("%w: it holds no snapshots of anybody", store.ErrMode)
	if f != nil && f.current() == nil && backsUp(f.rule()) {
		err = f.ships.Want(ctx)
	}
	if err != nil {
		return fmt.Errorf("snapshot of %s to %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return nil
}

// backsUp says that snapshots are shipped in place of following entry by entry.
func backsUp(rule replica.Rule) bool { return rule.Mode == topology.ModeBackup }

// newShipper ships what a following is to hold as snapshots.
func newShipper(f *following, rule func() replica.Rule) *snapshot.Shipper {
	return &snapshot.Shipper{
		Upstream: f.cfg.Upstream, Authority: f.term.Authority, Dataset: f.cfg.Dataset, Epoch: f.term.Epoch, Dir: f.backup.Dir,
		Clock: f.cfg.Clock, Every: func() time.Duration { return rule().Every }, Ask: f.cfg.Report,
		Current: f.current,
		Check: func(e store.Entry) error {
			if err := f.contents.disk.gate.Pass(); err != nil {
				return err
			}
			return checkWrite(e.ID, e.Payload)
		},
		Heard: func(position uint64) { f.hear(position) },
		Copied: func(bytes int64) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.copied += bytes
		},
		Keep: f.keep,
	}
}

// keep has a snapshot take the place of the one before and of the log, which is dropped:
// a backup runs no store.
func (f *following) keep(w *snapshot.Writer, begun snapshot.Begun) error {
	f.backup.Changing.Lock()
	defer f.backup.Changing.Unlock()
	if err := f.current(); err != nil {
		return errors.Join(err, w.Drop())
	}
	info, err := w.Keep(begun.Time, f.cfg.Clock()-begun.At)
	if err != nil {
		return err
	}
	f.backup.Took(snapshot.Kept{Info: info, At: begun.At})
	if err := f.contents.apply(context.Background(), step{
		allowed: f.current,
		write: func(c *change) error {
			c.seeding, c.tail, c.dirty = false, nil, true
			return c.cut(0)
		},
	}); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = nil
	f.dueNow()
	return nil
}

// forget removes a snapshot of which the log has all, or that is dropped.
func forget(b *snapshot.Holder, logger *slog.Logger) {
	if err := b.Forget(); err != nil {
		logger.Warn("a snapshot stays on disk", "error", err)
	}
}

// position is up to where all is on disk here, in the log or as a snapshot.
func (f *following) position() uint64 {
	held := f.contents.view()
	if k := f.backup.Holding(held.position, held.lastIn); k != nil {
		return k.Position
	}
	return held.position
}

// comparable has a snapshot that is no beginning of the authority's log be a log again, so
// that its tail is cut and exported as any other.
func (f *following) comparable() error {
	held := f.contents.view()
	k := f.backup.Holding(held.position, held.lastIn)
	if k == nil {
		return nil
	}
	theirs, err := f.askEnd(k.Epoch)
	if err != nil || theirs.Epoch == k.Epoch && theirs.End >= k.Position {
		return err
	}
	return restore(f.term.Context(), f.cfg, f.contents, f.backup)
}

// restore loads the snapshot into the log where it has more, entry by entry as they were
// written. Until the last of them is on disk the log counts as half copied; a start finds
// the snapshot still there, and it is loaded anew.
func restore(ctx context.Context, c Config, held *contents, b *snapshot.Holder) error {
	b.Changing.Lock()
	defer b.Changing.Unlock()
	now := held.view()
	k := b.Holding(now.position, now.lastIn)
	if k == nil {
		return nil
	}
	began := c.Clock()
	l := loader{contents: held}
	if err := l.load(ctx, b.Dir); err != nil {
		// What it has of it does not count: the snapshot does, as before.
		return errors.Join(fmt.Errorf("restore %s in %s from its snapshot: %w", c.Dataset, c.Region, err), l.drop())
	}
	r := b.Restored(k, began)
	c.Logger.Info("restored from a snapshot", "entries", r.Entries, "bytes", r.Bytes, "age", r.Age, "took", r.Took)
	return nil
}

// loader fills a log with the entries of a snapshot, many in a transaction.
type loader struct {
	contents *contents
	entries  []store.Entry
	size     int
	begun    bool
}

func (l *loader) load(ctx context.Context, dir string) error {
	if err := snapshot.Read(dir, func(e store.Entry) error {
		l.entries = append(l.entries, e)
		if l.size += size(e); l.size < commitBytes && len(l.entries) < maxBatch {
			return ctx.Err()
		}
		return l.commit(ctx, true)
	}); err != nil {
		return err
	}
	return l.commit(ctx, false)
}

// commit writes what has come together; with more, the log is half copied yet.
func (l *loader) commit(ctx context.Context, more bool) error {
	err := l.contents.apply(ctx, step{write: func(c *change) error {
		if !l.begun {
			if err := c.cut(0); err != nil {
				return err
			}
		}
		for _, e := range l.entries {
			if err := c.append(e); err != nil {
				return err
			}
		}
		c.seeding, c.dirty = more, true
		return nil
	}})
	l.begun, l.entries, l.size = true, l.entries[:0], 0
	return err
}

func (l *loader) drop() error {
	if !l.begun {
		return nil
	}
	return l.contents.apply(context.Background(), step{write: func(c *change) error {
		c.seeding, c.dirty = false, true
		return c.cut(0)
	}})
}
