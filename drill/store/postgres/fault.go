package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

var _ store.Breakable = (*Replica)(nil)

// BreakDisk has the disk fail, or work again; see store.Breakable. One that hangs is its server's processes, which are stopped.
// A full one is refused before the server: users' writes, its probes and, of a standby, what its authority sends. The server
// itself goes on, so what is there is read.
func (r *Replica) BreakDisk(ctx context.Context, fault store.DiskFault) error {
	r.cfg.Logger.Warn("disk", "fault", string(fault))
	if fault == store.DiskHangs {
		r.gate.Set(store.DiskWorks)
		_, err := r.server.Hold(ctx)
		return err
	}
	r.gate.Set(fault)
	return r.server.Release(ctx)
}

// TryDisk asks the server as a probe does: to write where it leads, else whether it applies. See store.Breakable.
func (r *Replica) TryDisk(ctx context.Context) error {
	tried := make(chan error, 1)
	go func() { tried <- r.prober.try(ctx) }()
	select {
	case err := <-tried:
		if errors.Is(err, replica.ErrHangs) && ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", err, context.Cause(ctx))
		}
		return err
	case <-ctx.Done():
		return fmt.Errorf("a write to PostgreSQL has not come to an end: %w", context.Cause(ctx))
	}
}

// try is a probe whoever takes writes now, which waits for its turn until ctx ends.
func (p *prober) try(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	came := p.health.Try()
	err := p.ask(ctx, p.leadership.Led() != 0 && p.leadership.Following() == nil, p.server.Trouble())
	if err != nil {
		p.drop()
	}
	came(err)
	return err
}
