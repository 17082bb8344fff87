package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// talk bounds what is asked of the authority's server in one go: a login is four
// round trips, and the longest on Earth are 0.3 s.
const talk = 10 * time.Second

// course is what has to be done so that a replica's history is a part of the authority's.
type course int

const (
	stream course = iota // it is
	demote               // it is, but its server is a primary
	rewind               // it has parted from it: pg_rewind finds the way back
	clone                // nothing but a whole copy will do
)

// past is one server's history.
type past struct {
	system   int64 // the cluster's own number
	standby  bool
	reigns   []reign
	position uint64 // last byte on disk; of a primary the last one that it has thought of
	timeline int32  // that it writes on; 0 for a standby
	oldest   uint64 // where the oldest part of the log begins that it still has
}

// align makes the server a standby whose history is the authority's, as far as it
// reaches. Call it with the turn.
func (f *following) align(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, talk)
	defer cancel()
	remote, err := f.dial(asking)
	if err != nil {
		return fmt.Errorf("connect to the server of %s in %s: %w", f.cfg.Dataset, f.authority, err)
	}
	defer func() { _ = remote.Close(context.WithoutCancel(asking)) }()
	theirs, err := readPast(asking, remote)
	if err != nil {
		return fmt.Errorf("ask %s for its history: %w", f.authority, err)
	}
	if n := len(theirs.reigns); theirs.standby || n == 0 || theirs.reigns[n-1].epoch != f.epoch {
		return fmt.Errorf("%w: %s does not lead epoch %d yet", store.ErrNotAuthority, f.authority, f.epoch)
	}
	f.mu.Lock()
	phase := f.Phase
	f.mu.Unlock()
	if f.blank() || phase == phaseCloning || phase == phaseRewinding {
		return f.clone(ctx)
	}
	if !f.standing() {
		if err := f.server.start(ctx); err != nil {
			return err
		}
	}
	mine, err := f.ownPast(ctx)
	if err != nil {
		return fmt.Errorf("ask the own server for its history: %w", err)
	}
	todo, common, low := compare(mine, theirs)
	switch gone := mine.position < theirs.oldest; {
	case gone:
		todo = clone
	case todo == stream:
		return nil
	case todo == demote:
		return f.demote(ctx)
	}
	cut, err := f.export(ctx, remote, common, low)
	if err != nil {
		return fmt.Errorf("export the entries of %s in %s that %s does not have: %w", f.cfg.Dataset, f.cfg.Region, f.authority, err)
	}
	if todo == clone {
		err = f.clone(ctx)
	} else if err = f.rewind(ctx, remote); errors.Is(err, errRewind) {
		f.cfg.Logger.Warn("rewinding failed, it is cloned", "error", err)
		err = f.clone(ctx)
	}
	if err == nil && cut != nil {
		f.mu.Lock()
		f.lastCut = cut
		f.mu.Unlock()
		f.cfg.Logger.Warn("diverged tail cut", "entries", cut.Entries, "from", cut.From, "exported", cut.Exported, "authority", f.authority, "epoch", f.epoch)
	}
	return err
}

// dial opens a connection of the replica's own to the authority's server. Unlike
// those of its server and tools it does not go through the door.
func (f *following) dial(ctx context.Context) (*pgx.Conn, error) {
	return f.connect(ctx, pgx.QueryExecModeExec, func(ctx context.Context) (net.Conn, error) {
		conn, err := f.cfg.Upstream.(store.Dialer).Dial(ctx, f.authority, f.cfg.Dataset)
		if err != nil {
			return nil, err
		}
		return counted{conn, &f.door.copied}, nil
	})
}

// compare finds what to do, and for the export the last epoch that both have and the
// idx below which they have the same entries of it.
//
// An epoch is the same if its row is: one region has written it, at one time. Two
// that part may have chosen one number for two timelines, and pg_rewind, which goes
// by those numbers, would then take two histories for one.
func compare(mine, theirs past) (todo course, common uint64, low int64) {
	n := 0
	for n < len(mine.reigns) && n < len(theirs.reigns) && mine.reigns[n] == theirs.reigns[n] {
		n++
	}
	if n == 0 || mine.system != theirs.system {
		return clone, 0, 0
	}
	last := mine.reigns[n-1]
	ours, their := mine.reigns[n:], theirs.reigns[n:]
	if len(their) > 0 {
		low = their[0].low
	}
	var own []int32
	for _, g := range ours {
		own = append(own, g.timeline)
	}
	if mine.timeline != 0 && mine.timeline != last.timeline {
		own = append(own, mine.timeline) // promoted, and never got to write so
	}
	forked := false
	for _, g := range their {
		if slices.Contains(own, g.timeline) {
			return clone, last.epoch, low
		}
		if g.timeline != last.timeline && !forked {
			forked = true
			if mine.position > g.fork {
				todo = rewind
			}
		}
	}
	switch {
	case len(own) > 0:
		todo = rewind
	case todo == stream && !mine.standby:
		todo = demote
	}
	return todo, last.epoch, low
}

func readPast(ctx context.Context, q querier) (p past, err error) {
	var position, oldest int64
	err = q.QueryRow(ctx, `SELECT (SELECT system_identifier FROM pg_control_system()), pg_is_in_recovery(),
		(CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_insert_lsn() END - '0/0')::bigint,
		CASE WHEN pg_is_in_recovery() THEN 0 ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END,
		(SELECT coalesce(min(('x' || substr(name, 9, 8))::bit(32)::bigint * 4294967296 + ('x' || substr(name, 17, 8))::bit(32)::bigint * (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size')), 0)
			FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')`).Scan(&p.system, &p.standby, &position, &p.timeline, &oldest)
	if err != nil {
		return p, err
	}
	p.position, p.oldest = uint64(position), uint64(oldest)
	p.reigns, err = reigns(ctx, q)
	return p, err
}

// ownPast is the own server's history, once it has replayed all that it has.
func (f *following) ownPast(ctx context.Context) (past, error) {
	asking, cancel := context.WithTimeout(ctx, f.cfg.Start)
	defer cancel()
	f.door.pause(true) // what comes in meanwhile would move the end
	defer f.door.pause(false)
	if err := f.settled(asking); err != nil {
		return past{}, err
	}
	return readPast(asking, f.asking)
}

// demote makes a standby of a primary that has written nothing since the histories
// parted, as after a switchover. Ending it in good order would write one thing more,
// its last checkpoint, and cost a rewind. Should it have come to write something all
// the same, the next round finds that and rewinds.
func (f *following) demote(ctx context.Context) error {
	if err := f.server.abort(); err != nil {
		return err
	}
	if err := replaceFile(f.at.standby(), nil, f.own); err != nil {
		return err
	}
	return f.server.start(ctx)
}

// errRewind: pg_rewind did not make it, whatever the reason; the data is of no use then.
var errRewind = errors.New("pg_rewind")

// rewind makes the data what it was before it parted from the authority's history,
// then has the server go on from there.
func (f *following) rewind(ctx context.Context, remote *pgx.Conn) error {
	// pg_rewind reads from the authority's control file which timeline it is on, and
	// that is written with a checkpoint: right after a promotion it would find the old
	// one and say that there is nothing to do.
	if _, err := remote.Exec(ctx, "CHECKPOINT"); err != nil {
		return fmt.Errorf("checkpoint of %s before a rewind: %w", f.authority, err)
	}
	if err := f.server.stop(); err != nil {
		return err
	}
	if err := f.note(func(s *state) { s.Phase, s.Seeding = phaseRewinding, true }); err != nil {
		return err
	}
	err := f.moving(ctx, func(ctx context.Context) error {
		return f.server.tool(ctx, "pg_rewind", "--target-pgdata", f.at.data(), "--config-file", f.at.conf(), "--no-sync",
			"--source-server", conninfo(f.at.socket("door"), "fleetdrill-rewind"))
	})
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		return fmt.Errorf("%w: %w", errRewind, err)
	}
	return f.standBy(ctx)
}

// clone copies the authority's data whole. What is here stays in use until the copy
// is complete: until then it has all that it ever reported.
func (f *following) clone(ctx context.Context) error {
	if err := os.RemoveAll(f.at.fresh()); err != nil {
		return err
	}
	if f.blank() {
		if err := f.note(func(s *state) { s.Seeding = true }); err != nil {
			return err
		}
	}
	f.cfg.Logger.Info("cloning", "authority", f.authority)
	if err := f.moving(ctx, func(ctx context.Context) error {
		return f.server.tool(ctx, "pg_basebackup", "-D", f.at.fresh(), "-d", conninfo(f.at.socket("door"), "fleetdrill-clone"),
			"-X", "stream", "-c", "fast", "--no-sync")
	}); err != nil {
		return fmt.Errorf("copy %s from %s: %w", f.cfg.Dataset, f.authority, err)
	}
	if err := f.server.stop(); err != nil {
		return err
	}
	if err := f.note(func(s *state) { s.Phase, s.Seeding = phaseCloning, true }); err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(f.at.data()), os.Rename(f.at.fresh(), f.at.data())); err != nil {
		return err
	}
	return f.standBy(ctx)
}

// standBy starts the server on data that was replaced.
func (f *following) standBy(ctx context.Context) error {
	f.target = 0
	if err := replaceFile(f.at.standby(), nil, f.own); err != nil {
		return err
	}
	f.mu.Lock()
	f.tally = tally{}
	f.mu.Unlock()
	if err := f.server.start(ctx); err != nil {
		return err
	}
	return f.note(func(s *state) { s.Phase = phaseNone })
}

// still is how long a copy may stand still before it is given up: a link that was
// cut silently ends no connection by itself, and a checkpoint moves no byte.
const still = 30 * time.Second

// moving runs a copy and breaks it off when nothing comes through the door for too long.
func (f *following) moving(ctx context.Context, copy func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watched := make(chan struct{})
	defer func() { stop(nil); <-watched }()
	go func() {
		defer close(watched)
		last, since := f.door.copied.Load(), f.cfg.Clock()
		for pause(ctx, 100*time.Millisecond) {
			if now := f.door.copied.Load(); now != last {
				last, since = now, f.cfg.Clock()
			} else if f.cfg.Clock()-since > still {
				stop(fmt.Errorf("nothing came from %s for %s", f.authority, still))
			}
		}
	}()
	return copy(ctx)
}
