package localfleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// graceful is how long a region that was asked to stop may take before SIGKILL.
func graceful(spec topology.Fleet) time.Duration { return store.StopLimit(spec.Datasets) }

// cordon asks the region's process to end, which is its workload. A process has no
// scheduler, so the fleet's record is what says unschedulable. It is proved by the
// process's exit and by the record as read back from disk.
func (o execution) cordon(ctx context.Context, r *region) (string, error) {
	c := r.current()
	if err := c.down(); err != nil {
		return "", r.whyDown(err)
	}
	if stopped, err := below.Stopped(ctx, c.pid); err == nil && stopped {
		return "", fmt.Errorf("%w: process %d is stopped and cannot end in good order; restore it first", fleet.ErrDown, c.pid)
	}
	if err := o.setCordoned(r, true); err != nil {
		return "", err
	}
	if err := o.stop(ctx, r, c); err != nil {
		return "", err
	}
	says, err := o.own.readBack(r.name)
	if err != nil {
		return "", err
	}
	if says != unschedulable {
		return "", fmt.Errorf("process %d %s, but the record reads back as %s", c.pid, c.end(), says)
	}
	return fmt.Sprintf("process %d %s; record says %s", c.pid, c.end(), says), nil
}

// uncordon lets the region run again, and starts it. It is proved by the record as read
// back and by an answer of the region.
func (o execution) uncordon(ctx context.Context, r *region) (string, error) {
	if err := o.setCordoned(r, false); err != nil {
		return "", err
	}
	how, err := o.starter.back(ctx, o.session, r)
	if err != nil {
		return "", err
	}
	says, err := o.own.readBack(r.name)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("record says %s; %s", says, how), nil
}

// stop asks the process to end, and makes it after a while.
func (o execution) stop(ctx context.Context, r *region, c *child) error {
	c.endsNow()
	o.out.commanded(r.name, "kill -TERM %d", c.pid)
	if err := c.ask(unix.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end process %d: %w", c.pid, err)
	}
	t := time.NewTimer(o.graceful)
	defer t.Stop()
	select {
	case <-c.exited:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("process %d was asked to end and has not: %w", c.pid, context.Cause(ctx))
	case <-t.C:
	}
	o.out.log.Warn("a region did not end when asked", "region", r.name, "pid", c.pid, "after", o.graceful)
	o.out.commanded(r.name, "kill -KILL %d", c.pid)
	return c.kill()
}

// setCordoned writes it to the record, and keeps it.
func (o execution) setCordoned(r *region, on bool) error {
	if err := o.own.File().Update(func(known *record.Record) { known.Cordon(r.name, on) }); err != nil {
		return err
	}
	r.setCordoned(on)
	return nil
}
