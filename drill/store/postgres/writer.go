package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// writer is what writes go through while one set of durabilities holds in one epoch. A
// write that is committed by another one than it was sent to is not acknowledged, but
// sent again: it finds itself stored, and waits by the new rule.
type writer struct {
	epoch        uint64
	durabilities []topology.Durability
	process      *server.Process
	pool         *pgxpool.Pool
	ctx          context.Context // ends with it, and so do the waits of its writes
	end          context.CancelFunc
}

// writes takes users' writes to the server.
type writes struct {
	cfg        Config
	server     *server.Server
	leadership *replica.Leadership
	meter      *meter
	health     *replica.Health
	gate       *replica.Gate
	ending     sync.WaitGroup // writers whose connections end as their writes do

	mu      sync.Mutex // never held while a server is waited for
	writer  *writer    // nil unless it leads, is configured, and its server is ready
	changed chan struct{}
}

// current is what writes go through now, nil nothing yet, and what is closed when that
// changes.
func (w *writes) current() (*writer, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writer, w.changed
}

// replace puts another writer, nil none, in the place of the one of now.
func (w *writes) replace(next *writer) {
	w.mu.Lock()
	before := w.writer
	w.writer = next
	close(w.changed)
	w.changed = make(chan struct{})
	w.mu.Unlock()
	if before != nil {
		before.end()
		w.ending.Go(before.pool.Close)
	}
}

// stop ends what writes go through: they are sent again once there is another writer,
// or refused.
func (w *writes) stop() { w.replace(nil) }

// stopBelow does so where it writes in an epoch below the given one.
func (w *writes) stopBelow(epoch uint64) {
	if now, _ := w.current(); now != nil && now.epoch < epoch {
		w.stop()
	}
}

// applied says whether writes go by the rule of now already, or need none.
func (w *writes) applied() bool {
	led, rule := w.leadership.Led(), w.leadership.Rule()
	now, _ := w.current()
	// A fenced one is promoted anew before it writes, and configured then.
	return led == 0 || led < w.leadership.Epoch() || now != nil && now.epoch == led && now.process == w.server.Process() && slices.Equal(now.durabilities, rule.Durabilities)
}

// applySync makes the server keep the durabilities of now, if it leads and has any.
//
// A server that is given new settings takes them up one process after another, and
// each process that sends to a standby lets commits go by the settings that it has.
// So the order matters: new connections have the new rule, then every sender that
// was there before has ended, and only then are writes sent.
func (w *writes) applySync(ctx context.Context, _ turn) error {
	led, rule := w.leadership.Led(), w.leadership.Rule()
	if led == 0 || len(rule.Durabilities) == 0 || w.applied() || !w.server.Running() {
		return nil
	}
	if slices.ContainsFunc(rule.Durabilities, func(d topology.Durability) bool { return d.Mode == topology.ModeSync && d.With == w.cfg.Region }) {
		return nil // that is the rule of the authority before: its own comes next
	}
	w.stop()
	// The epoch may have begun in a run before this one, below where its log ends now.
	if err := w.meter.beginUnlessBegun(ctx); err != nil {
		return err
	}
	names := server.SyncNames(rule.Durabilities, w.cfg.Region, rule.Regions)
	if err := w.server.WriteConf(names); err != nil {
		return err
	}
	if err := w.reload(ctx, names); err != nil {
		return fmt.Errorf("have the server wait for %s: %w", names, err)
	}
	next := &writer{epoch: led, durabilities: rule.Durabilities, process: w.server.Process()}
	var err error
	if next.pool, err = w.server.Pool(server.Writers, names == server.Nobody); err != nil {
		return err
	}
	next.ctx, next.end = context.WithCancel(w.leadership.Context())
	w.replace(next)
	w.cfg.Logger.Info("writes wait for", "standbys", names, "epoch", led)
	if !slices.Equal(rule.Durabilities, w.leadership.Rule().Durabilities) {
		return errors.New("it was configured anew meanwhile")
	}
	return nil
}

// mayWait returns once commits wait at all where the settings say so. The checkpointer sets
// the flag for that, and does so before it waits for anything or takes requests: one that is
// seen waiting proves it, and so does a checkpoint, which takes longer.
func (w *writes) mayWait(ctx context.Context) error {
	var proved bool
	err := w.server.Own().QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity
		WHERE backend_type = 'checkpointer' AND wait_event IN ('CheckpointerMain', 'CheckpointWriteDelay'))`).Scan(&proved)
	if err == nil && !proved {
		_, err = w.server.Own().Exec(ctx, "CHECKPOINT")
	}
	return err
}

func (w *writes) reload(ctx context.Context, names string) error {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Start)
	defer cancel()
	if err := w.mayWait(ctx); err != nil {
		return err
	}
	var shown string
	if err := w.server.Own().QueryRow(ctx, "SHOW synchronous_standby_names").Scan(&shown); err != nil {
		return err
	}
	if _, err := w.server.Own().Exec(ctx, "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	for shown = ""; shown != names; {
		conn, err := w.server.Connect(ctx, w.server.Dial)
		if err != nil {
			return err
		}
		err = conn.QueryRow(ctx, "SHOW synchronous_standby_names").Scan(&shown)
		if err = errors.Join(err, conn.Close(ctx)); err != nil {
			return err
		}
		if shown != names && !pause.For(ctx, 5*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
	rows, err := w.server.Own().Query(ctx, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walsender' AND NOT starts_with(application_name, $1)", server.CloneOf(""))
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
	// A clone goes on: by its name it is nobody that a commit waits for, before or after.
	if _, err := w.server.Own().Exec(ctx, "SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) pid", senders); err != nil {
		return err
	}
	for left := true; left; {
		if err := w.server.Own().QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY($1))", senders).Scan(&left); err != nil {
			return err
		}
		if left && !pause.For(ctx, 5*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
	return nil
}
