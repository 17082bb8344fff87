package log

import (
	"context"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

var _ store.Breakable = (*Replica)(nil)

// faults has a replica's disk fail.
type faults struct {
	contents *contents
	over     context.Context // ends when the replica is closed
}

// BreakDisk has the disk fail, or work again; see store.Breakable. What was to be committed when it began to hang is once it
// works: nobody is told of it who has given up meanwhile.
func (f *faults) BreakDisk(_ context.Context, fault store.DiskFault) error {
	f.contents.disk.gate.Set(fault)
	f.contents.logger.Warn("disk", "fault", string(fault))
	return nil
}

// TryDisk writes the state anew, as a probe does; see store.Breakable.
func (f *faults) TryDisk(ctx context.Context) error {
	wrote := make(chan error, 1)
	go func() { wrote <- f.contents.rewrite(f.over) }() // Close ends it: it lets what hangs go
	select {
	case err := <-wrote:
		return err
	case <-ctx.Done():
		return fmt.Errorf("a write to %s has not come to an end: %w", f.contents.disk.path, context.Cause(ctx))
	}
}
