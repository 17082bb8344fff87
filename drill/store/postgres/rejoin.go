package postgres

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/proxy"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/timeline"
)

// talk bounds what is asked of the authority's server in one go: a login is four
// round trips, and the longest on Earth are 0.3 s.
const talk = 10 * time.Second

// rejoin makes the server a standby whose history is the authority's, as far as it
// reaches. Until that is so the server gets nothing from there.
func (f *following) rejoin(ctx context.Context, _ turn) error {
	f.proxy.Hold(f.term)
	f.learned = proxy.Learned{}
	var mine history.Past
	var err error
	knows := f.database.whole() && f.server.Running()
	if knows {
		f.proxy.Prepare(f.term, f.cfg.Region, talk)
		if mine, err = f.ownPast(ctx); err != nil {
			return err
		}
	}
	asking, cancel := context.WithTimeout(ctx, talk)
	defer cancel()
	began := f.cfg.Clock()
	remote, theirs, err := f.askAuthority(asking, mine)
	if err != nil {
		f.escalation.times = 0 // without an authority no strategy brings a stream
		return err
	}
	f.roundTrip = f.cfg.Clock() - began
	defer f.hangUp(remote)
	if !f.database.whole() {
		return f.clone(ctx, remote)
	}
	if !knows {
		if !f.server.Running() {
			if err := f.server.Start(ctx); err != nil {
				return f.unstartable(ctx, remote, err)
			}
		}
		if mine, err = f.ownPast(ctx); err != nil {
			return err
		}
	}
	todo, common, low := history.Compare(mine, theirs)
	todo = f.escalate(todo)
	if todo == history.ToDemote {
		// Its server may have come to write something before it ended.
		if err := errors.Join(f.announce(nil), f.demote(ctx, theirs, mine)); err != nil {
			return err
		}
		if mine, err = f.ownPast(ctx); err != nil {
			return err
		}
		todo, common, low = history.Compare(mine, theirs)
	}
	if todo == history.ToStream {
		f.learned, err = timeline.Learn(ctx, f.server, theirs.Ahead(mine), f.cfg.Logger)
		return errors.Join(err, f.announce(nil))
	}
	cut, err := history.Export(ctx, filepath.Join(f.cfg.Dir, diverged.Folder), f.server.Own(), remote, common, low)
	if err != nil {
		return fmt.Errorf("export the entries of %s in %s that %s does not have: %w", f.cfg.Dataset, f.cfg.Region, f.term.Authority, err)
	}
	if err := f.announce(cut); err != nil {
		return err
	}
	if todo == history.ToClone {
		return f.clone(ctx, remote)
	}
	if err = f.rewind(ctx, remote, theirs); errors.Is(err, errRewind) {
		f.cfg.Logger.Warn("rewinding failed, it is cloned", "error", err)
		err = f.clone(ctx, remote)
	}
	return err
}

// askAuthority connects to the authority's server and asks for its history, and for what
// lies behind the own one: one round trip beside that of the connection.
func (f *following) askAuthority(ctx context.Context, mine history.Past) (*pgx.Conn, history.Past, error) {
	remote, eager, err := f.dial(ctx)
	if err != nil {
		return nil, history.Past{}, fmt.Errorf("connect to the server of %s in %s: %w", f.cfg.Dataset, f.term.Authority, err)
	}
	theirs, err := history.Ask(ctx, remote, mine)
	if failed := eager.Err(); err != nil && failed != nil {
		err = fmt.Errorf("connect to the server of %s in %s: %w", f.cfg.Dataset, f.term.Authority, failed)
	} else if err != nil {
		err = fmt.Errorf("ask %s for its history: %w", f.term.Authority, err)
	} else if !theirs.Leads(f.term.Epoch) {
		err = fmt.Errorf("%w: %s does not lead epoch %d yet", store.ErrNotAuthority, f.term.Authority, f.term.Epoch)
	}
	if err != nil {
		f.hangUp(remote)
		return nil, history.Past{}, err
	}
	return remote, theirs, nil
}

// hangUp closes a connection of dial at once. To end it in good order is to wait for the
// other server to close it: a round trip.
func (f *following) hangUp(remote *pgx.Conn) { _ = remote.PgConn().Conn().Close() }

// escalation is what was done last, and how often in a row without a stream since.
type escalation struct {
	tried history.Strategy
	times int
}

// next is the strategy to take, or a clone where that one was taken again and again and
// has brought no stream: what refuses the server is then something that a comparison
// does not see. A machine or link that is only slow must not come to that, since a whole
// copy would make it slower still.
func (e *escalation) next(todo history.Strategy) history.Strategy {
	if e.tried != todo {
		e.tried, e.times = todo, 0
	}
	e.times++
	limit := 2
	if todo == history.ToStream {
		limit = 5
	}
	if e.times <= limit {
		return todo
	}
	return history.ToClone
}

// escalate is the strategy to take in place of one that brought no stream.
func (f *following) escalate(todo history.Strategy) history.Strategy {
	next := f.escalation.next(todo)
	if next != todo {
		f.cfg.Logger.Warn("what was done brought no stream, it is cloned", "authority", f.term.Authority, "strategy", todo, "times", f.escalation.times-1)
	}
	return next
}

// unstartable has data replaced on which the server did not start several times in a
// row. Nothing can be exported from it, so it is set aside, and reported as what was cut.
func (f *following) unstartable(ctx context.Context, remote *pgx.Conn, err error) error {
	if !errors.Is(err, server.ErrEnded) && !errors.Is(err, server.ErrMute) || ctx.Err() != nil {
		return err
	}
	if f.deaths++; f.deaths < 3 {
		return err
	}
	f.cfg.Logger.Error("no server starts on its data, it is set aside and cloned", "authority", f.term.Authority, "data", f.server.At().Aside(), "error", err)
	return errors.Join(f.announce(&store.Cut{Exported: f.server.At().Aside()}), f.clone(ctx, remote))
}

// announce keeps on disk which tail is about to be cut, nil none, before it is.
func (f *following) announce(cut *store.Cut) error {
	if cut == nil && f.state.get().Cut == nil {
		return nil
	}
	return f.state.set(func(s *state) { s.Cut = cut })
}

// dial opens a connection of the replica's own to the authority's server. Unlike
// those of its server and tools it does not go through the proxy.
func (f *following) dial(ctx context.Context) (conn *pgx.Conn, eager *proxy.Eager, err error) {
	once, dialed := f.proxy.EagerOnce(f.term.Context(), talk, f.dialer)
	conn, err = f.server.Connect(ctx, once)
	return conn, dialed(), err
}

// ownPast is the own server's history, once it has replayed all that it has. The proxy
// holds the server off meanwhile: what came in would move the end.
func (f *following) ownPast(ctx context.Context) (history.Past, error) {
	asking, cancel := context.WithTimeout(ctx, f.cfg.Start)
	defer cancel()
	err := f.database.settled(asking)
	var past history.Past
	if err == nil {
		past, err = history.Read(asking, f.server.Own())
	}
	if err != nil {
		err = fmt.Errorf("ask the own server for its history: %w", err)
	}
	return past, err
}
