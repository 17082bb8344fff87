package log

import (
	"context"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/snapshot"
)

// Lookup finds an entry by ID, among those that are on disk here.
func (r *Replica) Lookup(_ context.Context, id string) (store.Entry, bool, error) {
	held := r.contents.view()
	position := held.position
	if r.backup.Holding(position, held.lastIn) != nil {
		return store.Entry{}, false, fmt.Errorf("look up in %s in %s: %w: it holds a snapshot, and no store that runs", r.cfg.Dataset, r.cfg.Region, store.ErrMode)
	}
	e, ok, err := r.contents.disk.find(id, position)
	if err != nil {
		return store.Entry{}, false, fmt.Errorf("look up in %s in %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return e, ok, nil
}

// Audit calls visit for each entry above after, in order, up to the position at
// the time of the call. No transaction is open while visit runs, so a slow
// reader holds nobody up. Should a diverged tail be cut meanwhile, it ends with
// an error rather than show two histories as one.
func (r *Replica) Audit(ctx context.Context, after uint64, visit func(store.Entry) error) error {
	began := r.contents.view()
	if r.backup.Holding(began.position, began.lastIn) != nil {
		return snapshot.Read(r.backup.Dir, func(e store.Entry) error {
			if e.Index <= after {
				return ctx.Err()
			}
			return visit(e)
		})
	}
	upTo, cuts := began.position, began.cuts
	for after < upTo {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := r.contents.disk.read(after, upTo, r.cfg.BatchBytes)
		if r.contents.view().cuts != cuts {
			return fmt.Errorf("audit %s in %s: a diverged tail was cut meanwhile: audit again", r.cfg.Dataset, r.cfg.Region)
		}
		if err != nil {
			return fmt.Errorf("audit %s in %s: %w", r.cfg.Dataset, r.cfg.Region, err)
		}
		for _, e := range entries {
			if err := visit(e); err != nil {
				return err
			}
			after = e.Index
		}
	}
	return nil
}
