package localfleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// How long a region that was asked to stop may take before SIGKILL: its agent needs
// at most a second by itself; a fast shutdown of PostgreSQL writes a checkpoint.
const (
	graceful         = 2 * time.Second
	gracefulPostgres = 15 * time.Second
)

func (f *Fleet) graceful() time.Duration {
	for _, d := range f.cfg.Fleet.Datasets {
		if d.Engine == "postgres" {
			return gracefulPostgres
		}
	}
	return graceful
}

// cordon is the op of that name. A process has no scheduler, so the fleet's record is
// what says unschedulable; the workload is the process, and is asked to end. It is
// proved by the process's exit and by the record as read back from disk.
func (f *Fleet) cordon(ctx context.Context, name string) (fleet.Proof, error) {
	ctx, r, done, err := f.command(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer done()
	c := r.current()
	if err := c.down(); err != nil {
		return fleet.Proof{}, r.whyDown(err)
	}
	if stopped, err := isStopped(ctx, c.pid); err == nil && stopped {
		return fleet.Proof{}, fmt.Errorf("%w: process %d is stopped and cannot end in good order; restore it first", fleet.ErrDown, c.pid)
	}
	if err := f.setCordoned(r, true); err != nil {
		return fleet.Proof{}, err
	}
	if err := f.stop(ctx, r, c); err != nil {
		return fleet.Proof{}, err
	}
	says, err := f.readBack(name)
	if err != nil {
		return fleet.Proof{}, err
	}
	if says != unschedulable {
		return fleet.Proof{}, fmt.Errorf("process %d %s, but the record reads back as %s", c.pid, c.end(), says)
	}
	return f.prove("process %d %s; record says %s", c.pid, c.end(), says), nil
}

// uncordon is the op of that name: the region may run again, and is started. It is
// proved by the record as read back and by an answer of the region.
func (f *Fleet) uncordon(ctx context.Context, name string) (fleet.Proof, error) {
	ctx, r, done, err := f.command(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer done()
	if err := f.setCordoned(r, false); err != nil {
		return fleet.Proof{}, err
	}
	how, err := f.back(ctx, r)
	if err != nil {
		return fleet.Proof{}, err
	}
	says, err := f.readBack(name)
	if err != nil {
		return fleet.Proof{}, err
	}
	return f.prove("record says %s; %s", says, how), nil
}

// stop asks the process to end, and makes it after a while.
func (f *Fleet) stop(ctx context.Context, r *region, c *child) error {
	c.expected.Store(true)
	f.commanded(r.name, "kill -TERM %d", c.pid)
	if err := c.cmd.Process.Signal(unix.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end process %d: %w", c.pid, err)
	}
	within := f.graceful()
	t := time.NewTimer(within)
	defer t.Stop()
	select {
	case <-c.exited:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("process %d was asked to end and has not: %w", c.pid, context.Cause(ctx))
	case <-t.C:
	}
	f.log.Warn("a region did not end when asked", "region", r.name, "pid", c.pid, "after", within)
	f.commanded(r.name, "kill -KILL %d", c.pid)
	return c.kill()
}

// setCordoned writes it to the record, and remembers it.
func (f *Fleet) setCordoned(r *region, on bool) error {
	f.mu.Lock()
	file := f.file
	f.mu.Unlock()
	if err := file.Update(func(known *record.Record) { known.Cordon(r.name, on) }); err != nil {
		return err
	}
	r.mu.Lock()
	r.cordoned = on
	r.mu.Unlock()
	r.changed()
	return nil
}

const unschedulable = "unschedulable"

// readBack is what the record on disk says of the region.
func (f *Fleet) readBack(region string) (string, error) {
	file, err := record.Open(f.cfg.StateDir, f.cfg.Fleet.Name)
	if err != nil {
		return "", fmt.Errorf("read back: %w", err)
	}
	known := file.Get()
	if known.IsCordoned(region) {
		return unschedulable, nil
	}
	return "schedulable", nil
}
