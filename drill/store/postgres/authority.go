package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/proxy"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Configure sets the mode and the regions that hold the dataset; see store.Replica.
// When it returns, no write is acknowledged by what held before.
func (r *Replica) Configure(ctx context.Context, d topology.Dataset) error {
	if err := r.leadership.Configure(d); err != nil || r.writes.applied() {
		return err
	}
	turn, err := r.database.take(ctx)
	if err == nil {
		err = r.writes.applySync(ctx, turn)
		turn.give()
	}
	if err != nil {
		return fmt.Errorf("configure %s in %s: %w", d.Name, r.cfg.Region, err)
	}
	return nil
}

// Promote makes this replica's server the primary, and writes down that epoch
// begins. The same epoch again changes nothing. ErrStaleEpoch if epoch is below one it
// has seen, or another region may lead it; ErrSeeding while it is copied whole.
func (r *Replica) Promote(ctx context.Context, epoch uint64) error {
	return r.leadership.Promote(ctx, epoch, func(to *replica.Change) error { return r.lead(ctx, epoch, to) })
}

func (r *Replica) lead(ctx context.Context, epoch uint64, to *replica.Change) error {
	// What is being copied would hold the turn for long.
	if err := r.left(ctx, to.Leave()); err != nil {
		return err
	}
	turn, err := r.database.take(ctx)
	if err != nil {
		return err
	}
	defer turn.give()
	if err := to.Check(); err != nil {
		return err
	}
	r.writes.stop()
	if err := r.database.primary(ctx, turn); err != nil {
		return err
	}
	if err := history.Begin(ctx, r.server.Own(), r.cfg.Region, epoch); err != nil {
		return fmt.Errorf("write the beginning of the epoch: %w", err)
	}
	at, err := flushed(ctx, r.server.Own())
	if err != nil {
		return err
	}
	if err := r.state.set(func(s *state) {
		s.saveEpochs(to.Epochs())
		s.Phase, s.Cut = phaseNone, nil
	}); err != nil {
		return err
	}
	r.health.Reset()
	r.meter.begin(r.meter.written.Load(), at)
	r.meter.recount(false)
	to.Done()
	if err := to.Check(); err != nil {
		return err // it was fenced meanwhile
	}
	r.cfg.Logger.Info("promoted", "epoch", epoch, "position", at)
	return r.writes.applySync(ctx, turn)
}

// Fence stops writes in every epoch below epoch at once, and copying from an
// authority of such an epoch. A follower has then replayed all that it received, so
// its position and its last epoch stay as they are until Promote or Follow.
// ErrStaleEpoch if a higher epoch is known.
func (r *Replica) Fence(ctx context.Context, epoch uint64) error {
	return r.leadership.Fence(epoch, func(ended *replica.Following) error {
		r.writes.stopBelow(epoch)
		r.health.Fenced()
		err := r.state.set(func(s *state) { s.Seen = max(s.Seen, epoch) })
		if err != nil {
			err = fmt.Errorf("it takes no writes, but a restart may forget that: %w", err)
		}
		err = errors.Join(err, r.prober.pause(ctx), r.left(ctx, ended))
		if err == nil && r.leadership.Following() == nil { // one that goes on copying is never at rest
			err = r.database.atRest(ctx)
		}
		if err == nil {
			r.cfg.Logger.Info("fenced", "below", epoch)
		}
		return err
	})
}

// loginWithin bounds a login from another region, as authentication_timeout does it.
const loginWithin = time.Minute

// ServeConn leads a connection from another region to this one's server; see
// store.Tunnelled. Only an authority has something to copy, a fenced one too. Whoever
// follows it in an epoch that it led once has not compared histories since.
func (r *Replica) ServeConn(ctx context.Context, conn net.Conn, leader uint64) error {
	defer conn.Close()
	if err := r.leadership.Leads(leader); err != nil {
		if errors.Is(err, store.ErrStaleEpoch) {
			err = fmt.Errorf("%w: %w", store.ErrNotAuthority, err)
		}
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.leadership.Context(), cancel)()
	logging, logged := context.WithTimeout(ctx, loginWithin)
	ended := context.AfterFunc(logging, func() { _ = conn.Close() })
	own, err := server.Admit(logging, r.server, conn)
	ended()
	logged()
	if err != nil {
		return err
	}
	proxy.Join(ctx, conn, own)
	return nil
}
