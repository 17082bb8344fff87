package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// talk bounds what is asked of the authority's server in one go: a login is four
// round trips, and the longest on Earth are 0.3 s.
const talk = 10 * time.Second

// align makes the server a standby whose history is the authority's, as far as it
// reaches. Until that is so the server gets nothing from there. Call it with the turn.
func (f *following) align(ctx context.Context) error {
	f.door.hold(f, true)
	asking, cancel := context.WithTimeout(ctx, talk)
	defer cancel()
	began := f.cfg.Clock()
	remote, theirs, err := f.askAuthority(asking)
	if err != nil {
		f.times = 0 // without an authority no course brings a stream
		return err
	}
	f.way = f.cfg.Clock() - began
	defer func() { _ = remote.Close(context.WithoutCancel(asking)) }()
	f.mu.Lock()
	phase := f.Phase
	f.mu.Unlock()
	if f.blank() || phase == phaseCloning || phase == phaseRewinding {
		return f.clone(ctx)
	}
	if !f.standing() {
		if err := f.server.start(ctx); err != nil {
			return f.unstartable(ctx, err)
		}
	}
	mine, err := f.ownPast(ctx)
	if err != nil {
		return fmt.Errorf("ask the own server for its history: %w", err)
	}
	todo, common, low := compare(mine, theirs)
	todo = f.insist(todo)
	if todo == toDemote {
		// Its server may have come to write something before it ended.
		if err := errors.Join(f.announce(nil), f.demote(ctx)); err != nil {
			return err
		}
		if mine, err = f.ownPast(ctx); err != nil {
			return fmt.Errorf("ask the own server for its history: %w", err)
		}
		todo, common, low = compare(mine, theirs)
	}
	if todo == toStream {
		return f.announce(nil)
	}
	cut, err := f.export(ctx, remote, common, low)
	if err != nil {
		return fmt.Errorf("export the entries of %s in %s that %s does not have: %w", f.cfg.Dataset, f.cfg.Region, f.authority, err)
	}
	if err := f.announce(cut); err != nil {
		return err
	}
	if todo == toClone {
		return f.clone(ctx)
	}
	if err = f.rewind(ctx, remote, theirs); errors.Is(err, errRewind) {
		f.cfg.Logger.Warn("rewinding failed, it is cloned", "error", err)
		err = f.clone(ctx)
	}
	return err
}

// askAuthority connects to the authority's server and asks for its history.
func (f *following) askAuthority(ctx context.Context) (*pgx.Conn, past, error) {
	remote, err := f.dial(ctx)
	if err != nil {
		return nil, past{}, fmt.Errorf("connect to the server of %s in %s: %w", f.cfg.Dataset, f.authority, err)
	}
	theirs, err := readPast(ctx, remote)
	if err != nil {
		err = fmt.Errorf("ask %s for its history: %w", f.authority, err)
	} else if n := len(theirs.reigns); theirs.standby || n == 0 || theirs.reigns[n-1].epoch != f.epoch {
		err = fmt.Errorf("%w: %s does not lead epoch %d yet", store.ErrNotAuthority, f.authority, f.epoch)
	}
	if err != nil {
		_ = remote.Close(context.WithoutCancel(ctx))
		return nil, past{}, err
	}
	return remote, theirs, nil
}

// insist is the course to take, or a clone where that one was taken again and again and
// has brought no stream: what refuses the server is then something that compare does not
// see. A machine or link that is only slow must not come to that, since a whole copy
// would make it slower still.
func (f *following) insist(todo course) course {
	if f.tried != todo {
		f.tried, f.times = todo, 0
	}
	f.times++
	limit := 2
	if todo == toStream {
		limit = 5
	}
	if f.times <= limit || todo == toClone {
		return todo
	}
	f.cfg.Logger.Warn("what was done brought no stream, it is cloned", "authority", f.authority, "course", todo, "times", f.times-1)
	return toClone
}

// unstartable has data replaced on which the server did not start several times in a
// row. Nothing can be exported from it, so it is set aside, and told of as what was cut.
func (f *following) unstartable(ctx context.Context, err error) error {
	if !errors.Is(err, errEnded) && !errors.Is(err, errMute) || ctx.Err() != nil {
		return err
	}
	if f.deaths++; f.deaths < 3 {
		return err
	}
	f.cfg.Logger.Error("no server starts on its data, it is set aside and cloned", "authority", f.authority, "data", f.at.aside(), "error", err)
	return errors.Join(f.announce(&store.Cut{Exported: f.at.aside()}), f.clone(ctx))
}

// announce notes which tail is about to be cut, nil none, before it is.
func (f *following) announce(cut *store.Cut) error {
	f.mu.Lock()
	before := f.Cut
	f.mu.Unlock()
	if cut == nil && before == nil {
		return nil
	}
	return f.note(func(s *state) { s.Cut = cut })
}

// dial opens a connection of the replica's own to the authority's server. Unlike
// those of its server and tools it does not go through the door.
func (f *following) dial(ctx context.Context) (*pgx.Conn, error) {
	return f.connect(ctx, pgx.QueryExecModeExec, func(ctx context.Context) (net.Conn, error) {
		conn, err := f.cfg.Upstream.(store.Dialer).Dial(ctx, f.authority, f.cfg.Dataset, f.epoch)
		if err != nil {
			return nil, err
		}
		return counted{conn, &f.door.copied}, nil
	})
}

// ownPast is the own server's history, once it has replayed all that it has. Call it
// with the door held: what came in meanwhile would move the end.
func (f *following) ownPast(ctx context.Context) (past, error) {
	asking, cancel := context.WithTimeout(ctx, f.cfg.Start)
	defer cancel()
	if err := f.settled(asking); err != nil {
		return past{}, err
	}
	return readPast(asking, f.asking)
}
