package postgres

import (
	"context"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// weightBatch is how many preloaded entries go in one transaction: 4 MiB.
const weightBatch = 64

// Preload fills a replica that has never held anything; see store.Preloader. Only the
// first authority is loaded: the others begin as its clones. One that was broken
// off goes on where it stopped; one that has had an authority is left as it is.
func (r *Replica) Preload(ctx context.Context, bytes int64, lead bool) error {
	if !lead {
		return nil
	}
	if err := r.take(ctx); err != nil {
		return err
	}
	defer r.give()
	r.mu.Lock()
	reigned, busy := r.Reign != 0 || r.Seeding, r.following != nil || r.Led != 0
	r.mu.Unlock()
	switch {
	case reigned:
		return nil // a fleet that was left up is joined
	case busy:
		return fmt.Errorf("preload %s in %s: it leads or follows already", r.cfg.Dataset, r.cfg.Region)
	case r.blank():
		if err := r.create(ctx); err != nil {
			return err
		}
	}
	if err := r.load(ctx, store.PreloadEntries(bytes)); err != nil {
		return fmt.Errorf("preload %s in %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return nil
}

func (r *Replica) load(ctx context.Context, total uint64) error {
	var there, weight int64
	if err := r.asking.QueryRow(ctx, "SELECT count(*), count(*) FILTER (WHERE id LIKE 'preload-%') FROM entries").Scan(&there, &weight); err != nil {
		return err
	}
	if there > weight {
		return nil // it holds something else
	}
	if there == 0 {
		if err := r.begin(ctx, store.PreloadEpoch); err != nil {
			return err
		}
	}
	for index := uint64(there) + 1; index <= total; {
		var rows [][]any
		for ; len(rows) < weightBatch && index <= total; index++ {
			rows = append(rows, []any{int64(store.PreloadEpoch), store.PreloadID(index), store.PreloadPayload(r.cfg.Dataset, index)})
		}
		_, err := r.asking.CopyFrom(ctx, pgx.Identifier{"entries"}, []string{"epoch", "id", "payload"}, pgx.CopyFromRows(rows))
		if err != nil {
			return err
		}
	}
	return nil
}

// Reseed drops everything that a follower holds and copies it anew; see store.Preloader.
func (r *Replica) Reseed(ctx context.Context) error {
	r.moving.Lock()
	defer r.moving.Unlock()
	r.mu.Lock()
	f := r.following
	r.unfollow()
	r.mu.Unlock()
	if f == nil {
		return fmt.Errorf("reseed %s in %s: it follows nobody that it could be copied from", r.cfg.Dataset, r.cfg.Region)
	}
	err := r.left(ctx, f)
	if err == nil {
		err = r.drop(ctx)
	}
	if err != nil {
		err = fmt.Errorf("reseed %s in %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	} else {
		r.cfg.Logger.Warn("contents dropped", "authority", f.authority)
	}
	if again := r.beginToFollow(ctx, f.authority, f.epoch); err == nil {
		err = again
	}
	return err
}

func (r *Replica) drop(ctx context.Context) error {
	if err := r.take(ctx); err != nil {
		return err
	}
	defer r.give()
	if err := r.server.stop(); err != nil {
		return err
	}
	if err := r.note(func(s *state) { s.Phase, s.Seeding = phaseCloning, true }); err != nil {
		return err
	}
	r.mu.Lock()
	r.tally, r.last, r.trouble = tally{}, store.Status{}, nil
	r.mu.Unlock()
	return os.RemoveAll(r.at.data())
}
