package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// tables of a replica. Payloads are stored as they are, so that what travels is what
// was written. Identity values have gaps, and are not in the order of commits.
const tables = `
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
);`

// reorder is how far apart in idx two writes can be that are committed the other way round:
// many times what can be under way at once.
const reorder = 4096

// create makes a database cluster of our own on a replica that has none. Call it with the turn.
func (r *Replica) create(ctx context.Context) error {
	if err := r.note(func(s *state) { s.Phase = phaseMaking }); err != nil {
		return err
	}
	err := r.initialise(ctx)
	if err == nil {
		err = r.server.start(ctx)
	}
	// The databases that others would be made from are twice what an empty one is, and
	// every clone would carry them along.
	for _, sql := range []string{
		"ALTER DATABASE template0 IS_TEMPLATE false", "DROP DATABASE template0",
		"ALTER DATABASE template1 IS_TEMPLATE false", "DROP DATABASE template1", tables,
	} {
		if err == nil {
			_, err = r.asking.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("make the database of %s: %w", r.cfg.Dataset, err), r.server.stop())
	}
	return r.note(func(s *state) { s.Phase = phaseNone })
}

func (r *Replica) initialise(ctx context.Context) error {
	if err := os.RemoveAll(r.at.data()); err != nil {
		return err
	}
	secret := filepath.Join(r.at.root(), "password")
	defer os.Remove(secret)
	if err := replaceFile(secret, []byte(r.cfg.Password+"\n"), r.own); err != nil {
		return err
	}
	// Small segments: what a clone or a rewind copies of them is what there is in them.
	_, err := r.server.tool(ctx, "initdb", "-D", r.at.data(), "-U", role, "--pwfile", secret, "-A", "scram-sha-256",
		"-E", "UTF8", "--locale", "C", "--wal-segsize", "1", "--no-sync", "--no-instructions")
	return err
}

// reign is a row of epochs.
type reign struct {
	epoch    uint64
	region   string
	nonce    string
	low      int64
	timeline int32
	fork     uint64
}

// begin writes the epoch's beginning. It waits for no standby: it promises nothing yet.
func (r *Replica) begin(ctx context.Context, epoch uint64) error {
	var nonce [8]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return err
	}
	timeline, fork, err := r.timeline(ctx)
	if err != nil {
		return err
	}
	_, err = r.asking.Exec(ctx, `INSERT INTO epochs SELECT $1, $2, $3, greatest(coalesce(max(idx), 0) - $4, 0), $5, $6 FROM entries`,
		int64(epoch), r.cfg.Region, hex.EncodeToString(nonce[:]), int64(reorder), timeline, int64(fork))
	return err
}

// timeline is the one that the own primary writes on, and where that began: the last
// line of its history file; timeline 1 began at nothing.
func (r *Replica) timeline(ctx context.Context) (id int32, fork uint64, err error) {
	if err := r.asking.QueryRow(ctx, "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int").Scan(&id); err != nil {
		return 0, 0, fmt.Errorf("ask for the timeline: %w", err)
	}
	if id == 1 {
		return id, 0, nil
	}
	var history string
	if err := r.asking.QueryRow(ctx, "SELECT pg_read_file('pg_wal/' || $1)", fmt.Sprintf("%08X.history", id)).Scan(&history); err != nil {
		return 0, 0, fmt.Errorf("read the history of timeline %d: %w", id, err)
	}
	lines := strings.Split(strings.TrimSpace(history), "\n")
	columns := strings.Fields(lines[len(lines)-1])
	if len(columns) < 2 {
		return 0, 0, fmt.Errorf("the history of timeline %d ends with %q", id, lines[len(lines)-1])
	}
	fork, err = parsePosition(columns[1])
	return id, fork, err
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

// querier is one connection, or a pool of them.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// allReigns asks for all epochs that a server knows of, in order.
const allReigns = "SELECT epoch, region, nonce, low, timeline, fork FROM epochs ORDER BY epoch"

func collectReigns(rows pgx.Rows) ([]reign, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (g reign, err error) {
		var epoch, fork int64
		err = row.Scan(&epoch, &g.region, &g.nonce, &g.low, &g.timeline, &fork)
		g.epoch, g.fork = uint64(epoch), uint64(fork)
		return g, err
	})
}
