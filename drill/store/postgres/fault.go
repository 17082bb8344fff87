package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// faults has a replica's disk fail.
type faults struct{ prober *prober }

// BreakDisk has the disk fail, or work again; see store.Breakable. One that hangs is its server's processes, which are stopped.
// A full one is refused before the server: users' writes, its probes and, of a standby, what its authority sends. The server
// itself goes on, so what is there is read.
func (f *faults) BreakDisk(ctx context.Context, fault store.DiskFault) error {
	f.prober.cfg.Logger.Warn("disk", "fault", string(fault))
	if fault == store.DiskHangs {
		f.prober.gate.Set(store.DiskWorks)
		_, err := f.prober.server.Hold(ctx)
		return err
	}
	f.prober.gate.Set(fault)
	return f.prober.server.Release(ctx)
}

// TryDisk asks the server as a probe does: to write where it leads, else whether it applies. See store.Breakable.
func (f *faults) TryDisk(ctx context.Context) error {
	err := f.prober.try(ctx)
	if errors.Is(err, replica.ErrHangs) && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", err, context.Cause(ctx))
	}
	return err
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
