// Package history is what a PostgreSQL replica's past consists of: rows of epochs and
// timelines, how two pasts are compared, and what one has that the other lacks.
package history

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Tables of a replica. Payloads are stored as they are, so that what travels is what
// was written. Identity values have gaps, and are not in the order of commits.
const Tables = `
CREATE TABLE entries (
	idx     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	epoch   bigint NOT NULL,
	id      text   NOT NULL UNIQUE,
	payload bytea  NOT NULL
);
ALTER TABLE entries ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE TABLE epochs (
	epoch    bigint PRIMARY KEY,
	region   text    NOT NULL, -- that leads it
	nonce    text    NOT NULL, -- of this beginning of it
	low      bigint  NOT NULL, -- every entry of an older epoch that is missing here has an idx from here on
	timeline integer NOT NULL, -- that it is written on
	fork     bigint  NOT NULL  -- where that timeline began
);` + Probe

// Probe makes the one row that is written to see that writes get through. The data of a fleet
// that an older build kept lacks it.
const Probe = `
CREATE TABLE IF NOT EXISTS probe (at timestamptz NOT NULL);
INSERT INTO probe SELECT now() WHERE NOT EXISTS (SELECT FROM probe);`

// Reorder is how far apart in idx two writes can be that are committed the other way round:
// many times what can be under way at once.
const Reorder = 4096

// Epoch is a row of epochs.
type Epoch struct {
	number   uint64
	region   string
	nonce    string
	low      int64
	Timeline int32
	fork     uint64
}

// Begin writes an epoch's beginning, led by region, to a primary. It waits for no
// Standby: nothing is acknowledged in it yet.
func Begin(ctx context.Context, own *pgxpool.Pool, region string, epoch uint64) error {
	var nonce [8]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return err
	}
	timeline, fork, err := ownTimeline(ctx, own)
	if err != nil {
		return err
	}
	_, err = own.Exec(ctx, `INSERT INTO epochs SELECT $1, $2, $3, greatest(coalesce(max(idx), 0) - $4, 0), $5, $6 FROM entries`,
		int64(epoch), region, hex.EncodeToString(nonce[:]), int64(Reorder), timeline, int64(fork))
	return err
}

// ownTimeline is the one that the own primary writes on, and where that began: the last
// line of its history file; timeline 1 began at nothing.
func ownTimeline(ctx context.Context, own *pgxpool.Pool) (id int32, fork uint64, err error) {
	if err := own.QueryRow(ctx, "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int").Scan(&id); err != nil {
		return 0, 0, fmt.Errorf("ask for the Timeline: %w", err)
	}
	if id == 1 {
		return id, 0, nil
	}
	var history string
	if err := own.QueryRow(ctx, "SELECT pg_read_file('pg_wal/' || $1)", historyName(id)).Scan(&history); err != nil {
		return 0, 0, fmt.Errorf("read the history of timeline %d: %w", id, err)
	}
	began, err := last(history)
	return id, began.fork, err
}

// parsePosition reads a position in the log of the form 16/B374D848.
func parsePosition(text string) (uint64, error) {
	high, low, ok := strings.Cut(text, "/")
	h, err1 := strconv.ParseUint(high, 16, 32)
	l, err2 := strconv.ParseUint(low, 16, 32)
	if err := errors.Join(err1, err2); !ok || err != nil {
		return 0, fmt.Errorf("position %q is not like 0/16B3748", text)
	}
	return h<<32 | l, nil
}

// Querier is one connection, or a pool of them.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// allEpochs asks for all epochs that a server knows of, in order.
const allEpochs = "SELECT epoch, region, nonce, low, timeline, fork FROM epochs ORDER BY epoch"

func collectEpochs(rows pgx.Rows) ([]Epoch, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Epoch, err error) {
		var epoch, fork int64
		err = row.Scan(&epoch, &e.region, &e.nonce, &e.low, &e.Timeline, &fork)
		e.number, e.fork = uint64(epoch), uint64(fork)
		return e, err
	})
}
