package history

import (
	"context"
	"errors"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
)

// exportBatch is how many ids the authority is asked about at a time.
const exportBatch = 1000

// Export writes the entries of an own server that a remote one does not have to a file in dir, one JSON
// object a line, before they are dropped: those of epochs after common, for which low
// is no bound, and all others from idx low on. Nil when there are none. A write that
// was sent again and is there by its id is not lost, and not written.
func Export(ctx context.Context, dir string, own, remote Querier, common uint64, low int64) (*store.Cut, error) {
	x, err := diverged.Create(dir)
	if err != nil {
		return nil, err
	}
	var batch []store.Entry
	flush := func() error {
		missing, err := lacking(ctx, remote, batch)
		if err != nil {
			return err
		}
		for _, e := range missing {
			if err := x.Put(e); err != nil {
				return err
			}
		}
		batch = batch[:0]
		return nil
	}
	err = Audit(ctx, own, "SELECT idx, epoch, id, payload FROM entries WHERE epoch > $1 OR idx >= $2 ORDER BY idx", []any{int64(common), low}, func(e store.Entry) error {
		if batch = append(batch, e); len(batch) < exportBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return nil, errors.Join(err, x.Drop())
	}
	return x.Keep()
}

// lacking is those of some entries that a server does not have.
func lacking(ctx context.Context, remote Querier, entries []store.Entry) ([]store.Entry, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	rows, err := remote.Query(ctx, "SELECT id FROM entries WHERE id = ANY($1)", ids)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		there[id] = true
	}
	var missing []store.Entry
	for _, e := range entries {
		if !there[e.ID] {
			missing = append(missing, e)
		}
	}
	return missing, rows.Err()
}

// Audit calls visit for each row of a query for index, epoch, id and payload.
func Audit(ctx context.Context, q Querier, sql string, args []any, visit func(store.Entry) error) error {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e store.Entry
		var idx, epoch int64
		if err := rows.Scan(&idx, &epoch, &e.ID, &e.Payload); err != nil {
			return err
		}
		e.Index, e.Epoch = uint64(idx), uint64(epoch)
		if err := visit(e); err != nil {
			return err
		}
	}
	return rows.Err()
}
