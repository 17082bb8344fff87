package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/proxy"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/timeline"
)

// demote makes a standby of a primary that has written nothing since the histories
// parted, as after a switchover. Ending it in good order would write one thing more,
// its last checkpoint, and cost a rewind. Should it have come to write something all
// the same, the next round finds that and rewinds.
func (f *following) demote(ctx context.Context, theirs, mine history.Past) error {
	if err := f.server.Abort(); err != nil {
		return err
	}
	if _, err := timeline.Learn(ctx, f.server, theirs.Ahead(mine), f.cfg.Logger); err != nil {
		return err
	}
	if err := server.ReplaceFile(f.server.At().Standby(), nil, f.server.Account()); err != nil {
		return err
	}
	return f.server.Start(ctx)
}

// errRewind: pg_rewind did not make it, whatever the reason; the data is of no use then.
var errRewind = errors.New("pg_rewind")

// rewind makes the data what it was before it parted from the authority's history,
// then has the server go on from there.
func (f *following) rewind(ctx context.Context, remote *pgx.Conn, theirs history.Past) error {
	// pg_rewind reads from the authority's control file which timeline it is on, and
	// that is written with a checkpoint: right after a promotion it would find the old
	// one and say that there is nothing to do.
	if _, err := remote.Exec(ctx, "CHECKPOINT"); err != nil {
		return fmt.Errorf("checkpoint of %s before a rewind: %w", f.term.Authority, err)
	}
	if err := f.server.Stop(); err != nil {
		return err
	}
	if err := f.state.set(func(s *state) { s.Phase, s.Seeding = phaseRewinding, true }); err != nil {
		return err
	}
	var said string
	err := f.watched(ctx, func(ctx context.Context) (err error) {
		said, err = f.server.Tool(ctx, "pg_rewind", "--target-pgdata", f.server.At().Data(), "--config-file", f.server.At().Conf(), "--no-sync",
			"--source-server", server.Conninfo(f.server.At().Socket(server.ProxyTools), "fleetdrill-rewind"))
		return err
	})
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		return fmt.Errorf("%w: %w", errRewind, err)
	}
	if strings.Contains(said, "no rewind required") {
		return f.unchanged(ctx, theirs)
	}
	// Its history is the authority's from here on, and it takes no connections before it
	// has what the authority wrote while it was rewound.
	f.proxy.Pass(f.term, proxy.Learned{})
	return f.standBy(ctx)
}

// unchanged starts the server on data that pg_rewind has left as it was, and looks
// whether its history is the authority's: what it had beyond may have been received and
// never replayed. Where it is not, pg_rewind goes by timelines that prove nothing.
func (f *following) unchanged(ctx context.Context, theirs history.Past) error {
	if err := f.standBy(ctx); err != nil {
		return fmt.Errorf("%w found nothing to do: %w", errRewind, err)
	}
	mine, err := f.ownPast(ctx)
	if err != nil {
		return fmt.Errorf("ask the own server for its history: %w", err)
	}
	if todo, _, _ := history.Compare(mine, theirs); todo != history.ToStream {
		return fmt.Errorf("%w found nothing to do, and the histories differ", errRewind)
	}
	return nil
}

// clone copies the authority's data whole. What is here stays in use until the copy
// is complete: until then it has all that it ever reported.
func (f *following) clone(ctx context.Context, remote *pgx.Conn) error {
	defer f.beginCopy(ctx, remote)()
	if err := os.RemoveAll(f.server.At().Fresh()); err != nil {
		return err
	}
	if f.database.blank() {
		if err := f.state.set(func(s *state) { s.Seeding = true }); err != nil {
			return err
		}
	}
	f.cfg.Logger.Info("cloning", "authority", f.term.Authority)
	if err := f.watched(ctx, func(ctx context.Context) error {
		_, err := f.server.Tool(ctx, "pg_basebackup", "-D", f.server.At().Fresh(), "-d", server.Conninfo(f.server.At().Socket(server.ProxyTools), server.CloneOf(f.cfg.Region)),
			"-X", "stream", "-c", "fast", "--no-sync",
			"-s", "1") // else its silence on a narrow link is taken for its end
		return err
	}); err != nil {
		return fmt.Errorf("copy %s from %s: %w", f.cfg.Dataset, f.term.Authority, err)
	}
	if err := f.server.Stop(); err != nil {
		return err
	}
	if err := f.state.set(func(s *state) { s.Phase, s.Seeding = phaseCloning, true }); err != nil {
		return err
	}
	if err := errors.Join(f.discard(), os.Rename(f.server.At().Fresh(), f.server.At().Data())); err != nil {
		return err
	}
	return f.standBy(ctx)
}

// beginCopy says that a copy of everything has begun, and how much there is to copy, until
// end is called.
func (f *following) beginCopy(ctx context.Context, remote *pgx.Conn) (end func()) {
	var total int64
	asking, cancel := context.WithTimeout(ctx, talk)
	defer cancel()
	if err := remote.QueryRow(asking, "SELECT sum(pg_database_size(oid))::bigint FROM pg_database").Scan(&total); err != nil {
		total = 0 // then it is not known
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.copies++
	f.from = f.proxy.Copied()
	f.copying = &store.Copying{Total: total, Attempt: f.copies}
	if f.err != nil {
		f.copying.Why = f.err.Error()
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.copying = nil
	}
}

// progress is how far the copy is that is under way, nil none.
func (f *following) progress() *store.Copying {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.copying == nil {
		return nil
	}
	c := *f.copying
	c.Bytes = max(0, f.proxy.Copied()-f.from)
	return &c
}

// discard removes the data, or sets it aside where nothing could be exported from it. One
// such folder is kept: the newest.
func (f *following) discard() error {
	cut := f.state.get().Cut
	keep := cut != nil && cut.Exported == f.server.At().Aside()
	if _, err := os.Stat(f.server.At().Data()); !keep || err != nil {
		return server.RemoveData(f.server.At().Data())
	}
	return errors.Join(server.RemoveData(f.server.At().Aside()), os.Rename(f.server.At().Data(), f.server.At().Aside()))
}

// standBy starts the server on data that was replaced.
func (f *following) standBy(ctx context.Context) error {
	f.target = 0
	if err := server.ReplaceFile(f.server.At().Standby(), nil, f.server.Account()); err != nil {
		return err
	}
	f.meter.recount(false)
	if err := f.server.Start(ctx); err != nil {
		return err
	}
	return f.replaced()
}

// replaced keeps on disk that the data is whole again, and with which tail the data
// before it went.
func (f *following) replaced() error {
	f.deaths = 0
	cut, err := f.state.replaced()
	if err == nil && cut != nil {
		f.cfg.Logger.Warn("diverged tail cut", "entries", cut.Entries, "from", cut.From, "exported", cut.Exported, "authority", f.term.Authority, "epoch", f.term.Epoch)
	}
	return err
}

// still is how long a copy may stand still before it is given up: a link that was
// cut silently ends no connection by itself, and a checkpoint moves no byte.
const still = 30 * time.Second

// watched runs a copy and breaks it off when nothing comes through the proxy for too long.
func (f *following) watched(ctx context.Context, run func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	over := make(chan struct{})
	defer func() { stop(nil); <-over }()
	go func() {
		defer close(over)
		last, since := f.proxy.Copied(), f.cfg.Clock()
		for pause.For(ctx, 100*time.Millisecond) {
			if now := f.proxy.Copied(); now != last {
				last, since = now, f.cfg.Clock()
			} else if f.cfg.Clock()-since > still {
				stop(fmt.Errorf("nothing came from %s for %s", f.term.Authority, still))
			}
		}
	}()
	return run(ctx)
}
