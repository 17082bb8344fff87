package log

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/snapshot"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var _ store.Snapshotter = (*Replica)(nil)

// backup is the snapshot that a replica holds in place of a log, and what came of loading
// one. Its lock changing is taken before the one of contents.
type backup struct {
	dir   string
	clock func() time.Duration

	changing sync.Mutex // held while the snapshot, and the log beside it, become another

	mu       sync.Mutex
	last     *kept // nil is none
	restored *store.Restored
}

// kept is a snapshot on disk.
type kept struct {
	snapshot.Info
	at time.Duration // when its contents were the authority's, on the own clock
}

// openBackup finds the snapshot of a folder. Its age goes by the machine's clock: the run
// that took it is over.
func openBackup(c Config) (*backup, error) {
	b := &backup{dir: filepath.Join(c.Dir, snapshot.Folder), clock: c.Clock}
	if err := snapshot.Sweep(b.dir); err != nil {
		return nil, err
	}
	info, ok, err := snapshot.Last(b.dir)
	if ok {
		b.last = &kept{Info: info, at: c.Clock() - max(0, time.Since(info.Taken))}
	}
	return b, err
}

// holding is the snapshot where it has more than a log that ends at a position of an epoch;
// nil where the log is what the replica holds. One with an older last epoch has less, as everywhere.
func (b *backup) holding(position, lastIn uint64) *kept {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.last
	if k == nil || k.Epoch < lastIn || k.Epoch == lastIn && k.Position <= position {
		return nil
	}
	return k
}

func (b *backup) any() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last != nil
}

// forget removes the snapshot of a replica that leads: its log has all of it.
func (b *backup) forget(logger *slog.Logger) {
	b.mu.Lock()
	was := b.last
	b.last = nil
	b.mu.Unlock()
	if was == nil {
		return
	}
	if err := snapshot.Remove(b.dir); err != nil { // it is no longer looked at, having less than the log
		logger.Warn("a snapshot stays on disk", "error", err)
	}
}

// holdsNothing says that a backup has neither a log nor a snapshot.
func (r *Replica) holdsNothing(s state) bool {
	b := r.backup
	b.mu.Lock()
	defer b.mu.Unlock()
	return r.leadership.Rule().Mode == topology.ModeBackup && s.position == 0 && b.last == nil
}

// describe fills in what is held as a snapshot, of which the log has not all.
func (b *backup) describe(s *store.Status) {
	k := b.holding(s.Position, s.LastIn)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.restored != nil {
		restored := *b.restored
		s.Restored = &restored
	}
	if k == nil && s.Mode == topology.ModeBackup && s.Position == 0 {
		k = b.last // one of nothing
	}
	if k == nil {
		return
	}
	s.Position, s.Entries, s.LastIn, s.Bytes = k.Position, k.Position, k.Epoch, k.Bytes
	s.Snapshot = &store.Snapshot{Age: max(0, b.clock()-k.at), Size: k.Size, Took: k.Took}
}

// keep has a snapshot take the place of the one before and of the log, which is dropped:
// a backup runs no store.
func (f *following) keep(w *snapshot.Writer, began time.Duration, taken time.Time) error {
	b := f.backup
	b.changing.Lock()
	defer b.changing.Unlock()
	if err := f.current(); err != nil {
		return errors.Join(err, w.Drop())
	}
	info, err := w.Keep(taken, f.cfg.Clock()-began)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.last = &kept{Info: info, at: began}
	b.mu.Unlock()
	return f.contents.apply(context.Background(), step{
		allowed: f.current,
		write: func(c *change) error {
			c.seeding, c.tail, c.dirty = false, nil, true
			return c.cut(0)
		},
	})
}

// restore loads the snapshot into the log where it has more, entry by entry as they were
// written. Until the last of them is on disk the log counts as half copied; a start finds
// the snapshot still there, and it is loaded anew.
func (r *Replica) restore(ctx context.Context) error {
	b := r.backup
	b.changing.Lock()
	defer b.changing.Unlock()
	held := r.contents.view()
	k := b.holding(held.position, held.lastIn)
	if k == nil {
		return nil
	}
	began := r.cfg.Clock()
	l := loader{contents: r.contents}
	if err := l.load(ctx, b.dir); err != nil {
		// What it has of it does not count: the snapshot does, as before.
		return errors.Join(fmt.Errorf("restore %s in %s from its snapshot: %w", r.cfg.Dataset, r.cfg.Region, err), l.drop())
	}
	restored := &store.Restored{Age: began - k.at, Bytes: k.Bytes, Entries: k.Position, Took: r.cfg.Clock() - began}
	b.mu.Lock()
	b.restored = restored
	b.mu.Unlock()
	r.cfg.Logger.Info("restored from a snapshot", "entries", k.Position, "bytes", k.Bytes, "age", restored.Age, "took", restored.Took)
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
