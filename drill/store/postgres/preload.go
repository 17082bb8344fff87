package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// preloadBatch is how many preloaded entries go in one transaction: 4 MiB.
const preloadBatch = 64

// Preload fills a replica that has never held anything; see store.Preloader. Only the
// first authority is loaded: the others begin as its clones. One that was broken
// off goes on where it stopped; one that has had an authority is left as it is.
func (r *Replica) Preload(ctx context.Context, bytes int64, lead bool) error {
	if !lead {
		return nil
	}
	turn, err := r.database.take(ctx)
	if err != nil {
		return err
	}
	defer turn.give()
	if s := r.state.get(); s.Authority != 0 || s.Seeding {
		return nil // a fleet that was left up is joined
	}
	if r.database.blank() {
		if err := r.database.create(ctx, turn); err != nil {
			return err
		}
	}
	if err := load(ctx, r.cfg, r.server.Own(), store.PreloadEntries(bytes)); err != nil {
		return fmt.Errorf("preload %s in %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return nil
}

func load(ctx context.Context, c Config, own *pgxpool.Pool, total uint64) error {
	var there, preloaded int64
	if err := own.QueryRow(ctx, "SELECT count(*), count(*) FILTER (WHERE id LIKE 'preload-%') FROM entries").Scan(&there, &preloaded); err != nil {
		return err
	}
	if there > preloaded {
		return nil // it holds something else
	}
	if there == 0 {
		if err := history.Begin(ctx, own, c.Region, store.PreloadEpoch); err != nil {
			return err
		}
	}
	for index := uint64(there) + 1; index <= total; {
		var rows [][]any
		for ; len(rows) < preloadBatch && index <= total; index++ {
			rows = append(rows, []any{int64(store.PreloadEpoch), store.PreloadID(index), store.PreloadPayload(c.Dataset, index)})
		}
		_, err := own.CopyFrom(ctx, pgx.Identifier{"entries"}, []string{"epoch", "id", "payload"}, pgx.CopyFromRows(rows))
		if err != nil {
			return err
		}
	}
	return nil
}

// Reseed drops everything that a follower holds and copies it anew; see store.Preloader.
func (r *Replica) Reseed(ctx context.Context) error {
	return r.leadership.Reseed(ctx, func(f *replica.Following) error {
		if err := r.left(ctx, f); err != nil {
			return err
		}
		turn, err := r.database.take(ctx)
		if err != nil {
			return err
		}
		defer turn.give()
		if err := r.database.drop(turn); err != nil {
			return err
		}
		r.meter.recount(true)
		r.cfg.Logger.Warn("contents dropped", "authority", f.Authority)
		return nil
	}, func(to *replica.Change) error { return r.begin(ctx, to) })
}
