package log

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
)

// cutTail exports the entries above keep, then removes them in one transaction.
// Between the two nothing else changes the log: it is written only by whoever
// follows. After a crash between the two the tail is still there, is found to have diverged
// again, and is exported again to the same file.
func (f *following) cutTail(keep, position uint64) error {
	cut, err := f.export(keep, position)
	if err == nil {
		err = f.removeTail(keep, position, cut)
	}
	if err != nil {
		return fmt.Errorf("cut the %d entries of %s in %s that %s does not have: %w", position-keep, f.cfg.Dataset, f.cfg.Region, f.term.Authority, err)
	}
	f.cfg.Logger.Warn("diverged tail cut", "entries", cut.Entries, "from", cut.From, "exported", cut.Exported, "authority", f.term.Authority, "epoch", f.term.Epoch)
	return nil
}

func (f *following) removeTail(keep, position uint64, cut *store.Cut) error {
	return f.contents.apply(context.Background(), step{
		allowed: f.current,
		write: func(c *change) error {
			if c.position != position {
				return errors.New("it changed while it was exported")
			}
			c.tail = cut
			return c.cut(keep)
		},
	})
}

// caughtUp lets a restart forget the tail: the status has it now, and after a later
// outage it must not be there again.
func (f *following) caughtUp() error {
	return f.contents.apply(context.Background(), step{
		allowed: f.current,
		write: func(c *change) error {
			c.tail, c.dirty = nil, true
			return nil
		},
	})
}

// export keeps the entries above keep in a file.
func (f *following) export(keep, position uint64) (*store.Cut, error) {
	if err := f.contents.disk.gate.Pass(); err != nil {
		return nil, err
	}
	x, err := diverged.Create(filepath.Join(f.cfg.Dir, diverged.Folder))
	if err != nil {
		return nil, err
	}
	for after := keep; after < position; {
		entries, err := f.contents.disk.read(after, position, f.cfg.BatchBytes)
		if err = errors.Join(f.term.Context().Err(), err); err != nil {
			return nil, errors.Join(err, x.Drop())
		}
		for _, e := range entries {
			if err := x.Put(e); err != nil {
				return nil, errors.Join(err, x.Drop())
			}
			after = e.Index
		}
	}
	return x.Keep()
}
