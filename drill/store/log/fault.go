package log

import (
	"context"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

var _ store.Breakable = (*Replica)(nil)

// BreakDisk has the disk fail, or work again; see store.Breakable. What was to be committed when it began to hang is once it
// works: nobody is told of it who has given up meanwhile.
func (r *Replica) BreakDisk(_ context.Context, fault store.DiskFault) error {
	r.contents.disk.gate.Set(fault)
	r.cfg.Logger.Warn("disk", "fault", string(fault))
	return nil
}

// TryDisk writes the state anew, as a probe does; see store.Breakable.
func (r *Replica) TryDisk(ctx context.Context) error {
	wrote := make(chan error, 1)
	go func() { wrote <- r.contents.rewrite(r.leadership.Context()) }() // Close ends it: it lets what hangs go
	select {
	case err := <-wrote:
		return err
	case <-ctx.Done():
		return fmt.Errorf("a write to %s has not come to an end: %w", r.contents.disk.path, context.Cause(ctx))
	}
}
