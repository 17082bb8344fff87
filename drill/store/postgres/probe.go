package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// freshAfter is how old the probe's connection may be: a server whose postmaster hangs
// goes on with the connections that it has and takes no other, and users' writes need others.
const freshAfter = 2 * time.Second

// prober finds out whether the own server writes, or as a standby applies what it received.
type prober struct {
	cfg        Config
	server     *server.Server
	database   *database
	leadership *replica.Leadership
	health     *replica.Health
	gate       *replica.Gate
	turn       chan struct{} // held while it writes

	// Of probe alone.
	conn     *pgx.Conn
	dialled  time.Duration
	logged   int64 // how much of the server's log was looked through
	received int64
	replayed int64
	stands   bool // it had not applied what it received, when last asked
}

// probe tries what the replica is for: an authority's server to write as users do, a
// standby's to apply. A server that is just made, cloned or rewound is not asked.
func (p *prober) probe() {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	stalled, _ := p.health.Stalled()
	_, refused := p.leadership.Serving()
	// One that is fenced writes nothing more, unless that is how it is known to work again.
	writes := refused == nil || stalled > 0 && p.leadership.Led() != 0
	if p.leadership.Context().Err() != nil || !p.database.whole() || !writes && p.leadership.Following() == nil {
		p.drop()
		return
	}
	trouble := p.server.Trouble()
	if !p.server.Running() && trouble == nil && !writes {
		p.drop()
		p.health.Reset() // somebody works on its data
		return
	}
	if refused != nil {
		p.health.Lapsed()
	}
	came := p.health.Try()
	ctx, cancel := context.WithTimeout(p.leadership.Context(), p.cfg.Ask)
	defer cancel()
	err := p.ask(ctx, writes, trouble)
	if err != nil {
		p.drop()
	}
	if p.leadership.Context().Err() != nil {
		err = replica.ErrUntried
	}
	came(err)
}

func (p *prober) ask(ctx context.Context, writes bool, trouble error) error {
	err := trouble
	if err == nil {
		err = p.gate.Pass()
	}
	switch {
	case err != nil:
	case !p.server.Running():
		err = errors.New("its server does not run")
	default:
		if err = p.connected(ctx); err == nil && writes {
			err = p.write(ctx)
		} else if err == nil {
			err = p.applies(ctx)
		}
	}
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("PostgreSQL does not answer: %w", replica.ErrHangs)
	}
	said, size := p.server.LogSince(p.logged)
	if p.logged > 0 || err != nil {
		if line := server.DiskTrouble(said); line != "" {
			err = fmt.Errorf("PostgreSQL says %q", line)
		}
	}
	p.logged = size
	return err
}

func (p *prober) connected(ctx context.Context) error {
	if p.conn != nil && p.cfg.Clock()-p.dialled < freshAfter {
		return nil
	}
	p.drop()
	conn, err := p.server.Connect(ctx, p.server.Dial)
	if err != nil {
		return err
	}
	p.conn, p.dialled = conn, p.cfg.Clock()
	_, err = conn.Exec(ctx, "SET synchronous_commit = local")
	return err
}

// drop closes the connection, without waiting for a server that hangs.
func (p *prober) drop() {
	if p.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_ = p.conn.Close(ctx) // it is of no more use
	p.conn = nil
}

// write changes the one row that is there for it, and returns once that is on the own disk.
func (p *prober) write(ctx context.Context) error {
	p.stands = false
	_, err := p.conn.Exec(ctx, "UPDATE probe SET at = clock_timestamp()")
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == "42P01" { // undefined_table
		_, err = p.conn.Exec(ctx, history.Probe, pgx.QueryExecModeSimpleProtocol)
	}
	return err
}

// applies says whether the server applies what it has received.
func (p *prober) applies(ctx context.Context) error {
	var standby, waits bool
	var received, replayed int64
	if err := p.conn.QueryRow(ctx, `SELECT pg_is_in_recovery(), coalesce(pg_last_wal_receive_lsn() - '0/0', 0)::bigint, coalesce(pg_last_wal_replay_lsn() - '0/0', 0)::bigint,
		EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'startup' AND wait_event IN ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval'))`,
	).Scan(&standby, &received, &replayed, &waits); err != nil {
		return err
	}
	before, got := p.replayed, p.received
	p.received, p.replayed = received, replayed
	// What it received may end within a record, which it can't apply: then it waits for more.
	p.stands = standby && received > replayed && replayed == before && (p.stands || !waits || received > got)
	if p.stands {
		return fmt.Errorf("PostgreSQL has received up to %d and applies nothing behind %d", received, replayed)
	}
	return nil
}

// pause returns once no write of the probe is under way.
func (p *prober) pause(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		<-p.turn
		return nil
	case <-ctx.Done():
		return fmt.Errorf("its server does not answer: %w", context.Cause(ctx))
	}
}
