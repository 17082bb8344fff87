package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// generation is the time during which writes go by one set of promises in one
// epoch. A write that is committed in another one than it was sent in is not
// acknowledged, but sent again: it finds itself stored, and waits by the new rule.
type generation struct {
	epoch    uint64
	promises []drill.Durability
	run      *serverRun
	writes   *pgxpool.Pool
	ctx      context.Context // ends with it, and so do the waits of its writes
	end      context.CancelFunc
}

// Configure tells the mode and the regions that hold the dataset; see store.Replica.
// When it returns, no write is acknowledged by what held before.
func (r *Replica) Configure(ctx context.Context, d drill.Dataset) error {
	if d.Name != r.cfg.Dataset {
		return fmt.Errorf("configure %s in %s: told of dataset %q: this replica holds another one", r.cfg.Dataset, r.cfg.Region, d.Name)
	}
	for _, p := range d.Durabilities() {
		if err := store.CheckDurability(p, r.cfg.Region, d.Regions); err != nil {
			return fmt.Errorf("configure %s in %s: %w", d.Name, r.cfg.Region, err)
		}
	}
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return ErrClosed
	}
	r.mode, r.promises, r.regions = d.Mode, d.Durabilities(), slices.Clone(d.Regions)
	asked := r.leads() && !r.arranged()
	r.mu.Unlock()
	if !asked {
		return nil
	}
	if err := r.take(ctx); err != nil {
		return fmt.Errorf("configure %s in %s: %w", d.Name, r.cfg.Region, err)
	}
	defer r.give()
	if err := r.arrange(ctx); err != nil {
		return fmt.Errorf("configure %s in %s: %w", d.Name, r.cfg.Region, err)
	}
	return nil
}

// arranged says whether writes go by the promises of now. Call it with mu held.
func (r *Replica) arranged() bool {
	g := r.serve
	return g != nil && g.epoch == r.Led && g.run == r.server.running() && slices.Equal(g.promises, r.promises)
}

// arrange makes the server keep the promises of now, if it leads and was told any.
// Call it with the turn.
//
// A server that is told new settings takes them up one process after another, and
// each process that sends to a standby lets commits go by the settings that it has.
// So the order matters: new connections have the new rule, then every sender that
// was there before has ended, and only then are writes sent.
func (r *Replica) arrange(ctx context.Context) error {
	r.mu.Lock()
	promises, regions, epoch, leads := slices.Clone(r.promises), r.regions, r.Led, r.leads()
	done, forgotten := r.arranged(), r.risk.start == math.MaxUint64
	r.mu.Unlock()
	if !leads || len(promises) == 0 || done || !r.standing() {
		return nil
	}
	r.retire()
	if forgotten {
		// The epoch began in a run before this one, below where its log ends now.
		written := r.written.Load()
		at, err := r.flushed(ctx)
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.risk.begin(written, at)
		r.mu.Unlock()
	}
	names := syncNames(promises, r.cfg.Region, regions)
	if err := r.writeConf(names); err != nil {
		return err
	}
	if err := r.reload(ctx, names); err != nil {
		return fmt.Errorf("tell the server to wait for %s: %w", names, err)
	}
	g := &generation{epoch: epoch, promises: promises, run: r.server.running()}
	var err error
	if g.writes, err = r.pool(writers, names == nobodyYet); err != nil {
		return err
	}
	g.ctx, g.end = context.WithCancel(r.ctx)
	r.mu.Lock()
	r.serve = g
	r.tell()
	stale := !slices.Equal(promises, r.promises)
	r.mu.Unlock()
	r.cfg.Logger.Info("writes wait for", "standbys", names, "epoch", epoch)
	if stale {
		return errors.New("it was configured anew meanwhile")
	}
	return nil
}

func (r *Replica) reload(ctx context.Context, names string) error {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Start)
	defer cancel()
	// The checkpointer sets the flag that makes commits wait at all, and does so before
	// it takes requests: one that it has done proves it.
	if _, err := r.asking.Exec(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	var shown string
	if err := r.asking.QueryRow(ctx, "SHOW synchronous_standby_names").Scan(&shown); err != nil {
		return err
	}
	if _, err := r.asking.Exec(ctx, "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	for shown = ""; shown != names; {
		conn, err := r.connect(ctx, pgx.QueryExecModeExec, r.ownServer)
		if err != nil {
			return err
		}
		err = conn.QueryRow(ctx, "SHOW synchronous_standby_names").Scan(&shown)
		if err = errors.Join(err, conn.Close(ctx)); err != nil {
			return err
		}
		if shown != names && !pause(ctx, 5*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
	rows, err := r.asking.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walsender'")
	if err != nil {
		return err
	}
	var senders []int32
	for rows.Next() {
		var pid int32
		if err := rows.Scan(&pid); err != nil {
			return err
		}
		senders = append(senders, pid)
	}
	if err := rows.Err(); err != nil || len(senders) == 0 {
		return err
	}
	// A clone that was under way is broken off with them, and begun again.
	if _, err := r.asking.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) pid", senders); err != nil {
		return err
	}
	for left := true; left; {
		if err := r.asking.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY($1))", senders).Scan(&left); err != nil {
			return err
		}
		if left && !pause(ctx, 5*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
	return nil
}

// retire ends the generation that writes go through: they are sent again once
// there is another, or refused.
func (r *Replica) retire() {
	r.mu.Lock()
	g := r.serve
	r.serve = nil
	r.tell()
	r.mu.Unlock()
	if g != nil {
		g.end()
		// Its connections end as their writes do.
		go g.writes.Close()
	}
}

// syncNames is what synchronous_standby_names has to be for all promises to hold at
// once. Where two of them can't be said in one line, it asks for more than both.
func syncNames(promises []drill.Durability, own string, regions []string) string {
	var others []string
	for _, region := range regions {
		if region != own {
			others = append(others, region)
		}
	}
	var with []string
	votes := 0
	for _, p := range promises {
		switch {
		case p.Mode == drill.ModeSync && !slices.Contains(with, p.With):
			with = append(with, p.With)
		case p.Mode == drill.ModeQuorum:
			votes = len(regions) / 2 // beside its own
		}
	}
	switch {
	case len(with) == 0 && votes == 0:
		return nobodyYet
	case len(with) == 0:
		return list("ANY", votes, others)
	case votes <= len(with):
		return list("ANY", len(with), with)
	default:
		return list("ANY", len(others), others)
	}
}

func list(how string, n int, names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = `"` + name + `"`
	}
	return fmt.Sprintf("%s %d (%s)", how, n, strings.Join(quoted, ", "))
}
