package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// database is the data that a server runs on, and who may work on it.
type database struct {
	cfg    Config
	ctx    context.Context // ends with the replica
	server *server.Server
	state  *stateFile
	// turns is held by whatever starts or stops the server, or changes what it is: a
	// promotion, a new configuration, one round of following. A holder that may be long
	// gives up when its own context ends.
	turns chan struct{}
}

// turn is proof that nobody else starts or stops the server. Give it back.
type turn struct{ turns chan struct{} }

func (t turn) give() { <-t.turns }

// take waits for the turn.
func (d *database) take(ctx context.Context) (turn, error) {
	select {
	case d.turns <- struct{}{}:
	case <-ctx.Done():
		return turn{}, context.Cause(ctx)
	case <-d.ctx.Done():
		return turn{}, store.ErrClosed
	}
	t := turn{d.turns}
	if d.ctx.Err() != nil {
		t.give()
		return turn{}, store.ErrClosed
	}
	return t, nil
}

// resume starts the server on what is there, fenced. Data that was being made when
// the process ended is dropped; data that was being replaced waits to be cloned.
func (d *database) resume(turn) error {
	if d.state.get().Phase == phaseMaking {
		if err := server.RemoveData(d.server.At().Data()); err != nil {
			return err
		}
		if err := d.state.set(func(s *state) { s.Phase = phaseNone }); err != nil {
			return err
		}
	}
	if d.whole() {
		// Data that no server starts on can still be cloned, so the replica is there.
		if err := d.server.Start(d.ctx); err != nil {
			d.cfg.Logger.Error("server does not start", "error", err)
		}
	}
	return nil
}

// blank says whether there is no data at all, or only what is being made.
func (d *database) blank() bool {
	_, err := os.Stat(filepath.Join(d.server.At().Data(), "PG_VERSION"))
	return d.state.get().Phase == phaseMaking || err != nil
}

// whole says whether there is data that was not left half way.
func (d *database) whole() bool { return !d.state.get().Phase.half() && !d.blank() }

// lacksServer says whether a server should run on the data that is there, and none
// does. That is a fault unless somebody has the turn.
func (d *database) lacksServer() bool { return !d.server.Running() && d.whole() }

// create makes a database cluster of our own on a replica that has none.
func (d *database) create(ctx context.Context, _ turn) error {
	if err := d.state.set(func(s *state) { s.Phase = phaseMaking }); err != nil {
		return err
	}
	err := d.initialise(ctx)
	if err == nil {
		err = d.server.Start(ctx)
	}
	// The databases that others would be made from are twice what an empty one is, and
	// every clone would carry them along.
	for _, sql := range []string{
		"ALTER DATABASE template0 IS_TEMPLATE false", "DROP DATABASE template0",
		"ALTER DATABASE template1 IS_TEMPLATE false", "DROP DATABASE template1", history.Tables,
	} {
		if err == nil {
			_, err = d.server.Own().Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("make the database of %s: %w", d.cfg.Dataset, err), d.server.Stop())
	}
	return d.state.set(func(s *state) { s.Phase = phaseNone })
}

func (d *database) initialise(ctx context.Context) error {
	at := d.server.At()
	if err := server.RemoveData(at.Data()); err != nil {
		return err
	}
	secret := filepath.Join(at.Root(), "password")
	defer os.Remove(secret)
	if err := server.ReplaceFile(secret, []byte(d.cfg.Password+"\n"), d.server.Account()); err != nil {
		return err
	}
	_, err := d.server.Tool(ctx, "initdb", "-D", at.Data(), "-U", server.Role, "--pwfile", secret, "-A", "scram-sha-256",
		"-E", "UTF8", "--locale", "C", "--wal-segsize", strconv.Itoa(server.Segment>>20), "--no-sync", "--no-instructions")
	return err
}

// primary makes the server one that takes writes, whatever it was.
func (d *database) primary(ctx context.Context, t turn) error {
	if d.blank() {
		return d.create(ctx, t)
	}
	if !d.server.Running() {
		if err := d.server.Start(ctx); err != nil {
			return err
		}
	}
	var standby bool
	if err := d.server.Own().QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&standby); err != nil || !standby {
		return err
	}
	if err := d.state.set(func(s *state) { s.Phase = phasePromoting }); err != nil {
		return err
	}
	// It first replays all that it has received. pg_promote itself looks ten times a second
	// whether that is done.
	if _, err := d.server.Own().Exec(ctx, "SELECT pg_promote(false)"); err != nil {
		return fmt.Errorf("promote the server: %w", err)
	}
	waits, cancel := context.WithTimeout(ctx, d.cfg.Start)
	defer cancel()
	for standby {
		if !pause.For(waits, 2*time.Millisecond) {
			return fmt.Errorf("the server is not promoted within %s: %w", d.cfg.Start, context.Cause(waits))
		}
		if err := d.server.Own().QueryRow(waits, "SELECT pg_is_in_recovery()").Scan(&standby); err != nil {
			return fmt.Errorf("promote the server: %w", err)
		}
	}
	return nil
}

// drop removes the data, which is to be cloned then.
func (d *database) drop(turn) error {
	if err := d.server.Stop(); err != nil {
		return err
	}
	if err := d.state.set(func(s *state) { s.Phase, s.Seeding = phaseCloning, true }); err != nil {
		return err
	}
	return server.RemoveData(d.server.At().Data())
}

// flushed is the last position on the own primary's disk.
func flushed(ctx context.Context, own history.Querier) (uint64, error) {
	var at int64
	if err := own.QueryRow(ctx, "SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint").Scan(&at); err != nil {
		return 0, fmt.Errorf("ask for the position: %w", err)
	}
	return uint64(at), nil
}

// atRest waits until the server is settled; one that is just being started it waits
// for. Where the data is not whole there is nothing that could be promoted.
func (d *database) atRest(ctx context.Context) error {
	err := errors.New("its server is being started")
	for d.whole() {
		trouble := d.server.Trouble()
		switch {
		case d.server.Running():
			if err = d.settled(ctx); err == nil {
				return nil
			}
		case trouble != nil:
			return fmt.Errorf("what it holds is not known: %w", trouble)
		}
		if !pause.For(ctx, 20*time.Millisecond) {
			return fmt.Errorf("what it holds is not known: %w", err)
		}
		if d.ctx.Err() != nil {
			return store.ErrClosed
		}
	}
	return nil
}

// stands is for how long a standby must have replayed nothing to count as waiting for
// more: one that was woken and is not scheduled yet looks as if it waited, and one whose
// stream failed sleeps for wal_retrieve_retry_interval before it reads on.
const stands = 150 * time.Millisecond

// settled waits until a standby that receives nothing more has replayed all that
// it has. What it received may end within a record, which it can't replay: then the
// process that replays is seen waiting for more.
func (d *database) settled(ctx context.Context) error {
	last, since := int64(-1), d.cfg.Clock()
	for {
		var standby, receives, waits bool
		var got, replayed int64
		err := d.server.Own().QueryRow(ctx, `SELECT pg_is_in_recovery(), EXISTS (SELECT FROM pg_stat_wal_receiver),
			coalesce(pg_last_wal_receive_lsn() - '0/0', 0)::bigint, coalesce(pg_last_wal_replay_lsn() - '0/0', 0)::bigint,
			EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'startup' AND wait_event IN ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval'))`,
		).Scan(&standby, &receives, &got, &replayed, &waits)
		switch {
		case err != nil:
			return fmt.Errorf("ask how far it has replayed: %w", err)
		case !standby:
			return nil
		case !receives && got > 0 && replayed >= got:
			return nil
		case replayed != last || !waits:
			last, since = replayed, d.cfg.Clock()
		case !receives && d.cfg.Clock()-since >= stands:
			return nil
		}
		if !pause.For(ctx, 5*time.Millisecond) {
			return fmt.Errorf("it has replayed up to %d of %d: %w", replayed, got, context.Cause(ctx))
		}
	}
}
