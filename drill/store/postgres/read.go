package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
)

// Lookup finds an entry by ID; false when it is not (yet) here.
func (r *Replica) Lookup(ctx context.Context, id string) (store.Entry, bool, error) {
	if r.database.blank() {
		return store.Entry{}, false, nil
	}
	e := store.Entry{ID: id}
	var idx, epoch int64
	err := r.server.Own().QueryRow(ctx, "SELECT idx, epoch, payload FROM entries WHERE id = $1", id).Scan(&idx, &epoch, &e.Payload)
	if errors.Is(err, pgx.ErrNoRows) {
		return store.Entry{}, false, nil
	}
	if err != nil {
		return store.Entry{}, false, fmt.Errorf("look %q up in %s of %s: %w", id, r.cfg.Dataset, r.cfg.Region, err)
	}
	e.Index, e.Epoch = uint64(idx), uint64(epoch)
	return e, true, nil
}

// Audit calls visit for each entry with an index above after; see store.Replica.
// One statement sees one moment.
func (r *Replica) Audit(ctx context.Context, after uint64, visit func(store.Entry) error) error {
	if r.database.blank() {
		return nil
	}
	if err := history.Audit(ctx, r.server.Own(), "SELECT idx, epoch, id, payload FROM entries WHERE idx > $1 ORDER BY idx", []any{int64(after)}, visit); err != nil {
		return fmt.Errorf("audit %s in %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return nil
}

var errTunnel = errors.New("a PostgreSQL replica is copied through a tunnel to its server")

// EpochEnd is not served: histories are compared by rows of the database.
func (r *Replica) EpochEnd(context.Context, uint64, uint64) (store.EpochEnd, error) {
	return store.EpochEnd{}, errTunnel
}

// Stream is not served: PostgreSQL streams its own log.
func (r *Replica) Stream(context.Context, uint64, uint64, func(store.Batch) error) error {
	return errTunnel
}

// Stored is not served: standbys report what they have stored on their stream.
func (r *Replica) Stored(context.Context, uint64, string, uint64) error { return errTunnel }
