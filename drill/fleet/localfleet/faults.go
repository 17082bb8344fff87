package localfleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// execution does one op to one region, whose turn the caller has. Each op returns what
// proves it.
type execution struct {
	session  *session
	starter  starter
	out      reporter
	own      *ownership
	probe    prober
	graceful time.Duration // for a region that is asked to end
}

// together does an op to all regions of a failure domain at once, and returns what
// proves it for each. The named one must be there for the op; another that is down, or
// cordoned, is so already.
func together(ctx context.Context, named *region, domain []*region, do func(context.Context, *region) (string, error)) (string, error) {
	found := make([]string, len(domain))
	var group errgroup.Group
	for i, r := range domain {
		group.Go(func() error {
			text, err := do(ctx, r)
			switch {
			case len(domain) == 1:
				found[i] = text
				return err
			case err == nil:
				found[i] = r.name + ": " + text
				return nil
			case r != named && errors.Is(err, fleet.ErrDown):
				found[i] = r.name + ": " + err.Error()
				return nil
			}
			return fmt.Errorf("%s: %w", r.name, err)
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return strings.Join(found, "; "), nil
}

// kill sends SIGKILL to the region's process group and all that is below it. It is
// proved by the wait status and by the port, which refuses.
func (o execution) kill(ctx context.Context, r *region) (string, error) {
	c := r.current()
	if err := c.down(); err != nil {
		return "", r.whyDown(err)
	}
	o.out.commanded(r.name, "kill -KILL %d", c.pid)
	if err := c.kill(); err != nil {
		return "", err
	}
	r.setFrozen(false)
	if !c.killed() {
		return "", fmt.Errorf("%w: process %d %s before SIGKILL came", fleet.ErrDown, c.pid, c.end())
	}
	if c.address() == "" {
		return fmt.Sprintf("process %d %s before it listened", c.pid, c.end()), nil
	}
	if err := gateway.Refuses(ctx, c.address()); err != nil {
		return "", fmt.Errorf("process %d %s, but %w", c.pid, c.end(), err)
	}
	return fmt.Sprintf("process %d %s, port refuses", c.pid, c.end()), nil
}

// freeze sends SIGSTOP to the region's process group and all that is below it. It is
// proved by the processes' states as the kernel has them, and by a probe that gets no
// answer.
func (o execution) freeze(ctx context.Context, r *region) (string, error) {
	c := r.current()
	if err := c.down(); err != nil {
		return "", r.whyDown(err)
	}
	address := c.address()
	if address == "" {
		return "", fmt.Errorf("%w: process %d does not listen yet", fleet.ErrDown, c.pid)
	}
	o.out.commanded(r.name, "kill -STOP %d", c.pid)
	if err := c.signal(unix.SIGSTOP); err != nil {
		return "", fmt.Errorf("stop process %d: %w", c.pid, err)
	}
	if err := awaitStopped(ctx, c, true); err != nil {
		return "", err
	}
	under, err := below.Stop(ctx, c.pid)
	if err != nil {
		return "", fmt.Errorf("process %d stopped, but %w", c.pid, err)
	}
	// A stopped process does not notice the end of the one it works for, so a later down
	// must find it, whatever ends this process.
	if err := o.own.File().Update(func(known *record.Record) { known.AddDescendants(r.name, under) }); err != nil {
		return "", err
	}
	r.setFrozen(true)
	if err := o.probe.silent(ctx, address, r.name); err != nil {
		return "", fmt.Errorf("process %d stopped, but %w", c.pid, err)
	}
	return fmt.Sprintf("process %d%s stopped (state T), probe silent for %d ms", c.pid, and(under), frozenAfter.Milliseconds()), nil
}

// and is how many processes are below a region's, for a proof.
func and(below []record.Process) string {
	if len(below) == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d below it", len(below))
}

// restore starts a region that is dead again with the data it had, and continues one
// that is stopped. It is proved by its answer.
func (o execution) restore(ctx context.Context, r *region) (string, error) {
	if err := r.current().down(); err != nil && r.isCordoned() {
		return "", r.whyDown(err)
	}
	return o.starter.back(ctx, o.session, r)
}
