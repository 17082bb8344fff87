package localfleet

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// kill is the op of that name: SIGKILL for the region's process group and all that is
// below it. It is proved
// by the wait status and by the port, which refuses.
func (f *Fleet) kill(ctx context.Context, name string) (fleet.Proof, error) {
	ctx, r, done, err := f.command(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer done()
	c := r.current()
	if err := c.down(); err != nil {
		return fleet.Proof{}, r.whyDown(err)
	}
	f.commanded(name, "kill -KILL %d", c.pid)
	if err := c.kill(); err != nil {
		return fleet.Proof{}, err
	}
	r.mu.Lock()
	r.frozen = false
	r.mu.Unlock()
	if !c.killed() {
		return fleet.Proof{}, fmt.Errorf("%w: process %d %s before SIGKILL came", fleet.ErrDown, c.pid, c.end())
	}
	if c.address() == "" {
		return f.prove("process %d %s before it listened", c.pid, c.end()), nil
	}
	if err := refuses(ctx, c.address()); err != nil {
		return fleet.Proof{}, fmt.Errorf("process %d %s, but %w", c.pid, c.end(), err)
	}
	return f.prove("process %d %s, port refuses", c.pid, c.end()), nil
}

// freeze is the op of that name: SIGSTOP for the region's process group and all that
// is below it. It is proved by the processes' states as the kernel has them, and by a probe that gets no answer.
func (f *Fleet) freeze(ctx context.Context, name string) (fleet.Proof, error) {
	ctx, r, done, err := f.command(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer done()
	c := r.current()
	if err := c.down(); err != nil {
		return fleet.Proof{}, r.whyDown(err)
	}
	address := c.address()
	if address == "" {
		return fleet.Proof{}, fmt.Errorf("%w: process %d does not listen yet", fleet.ErrDown, c.pid)
	}
	f.commanded(name, "kill -STOP %d", c.pid)
	if err := c.signal(unix.SIGSTOP); err != nil {
		return fleet.Proof{}, fmt.Errorf("stop process %d: %w", c.pid, err)
	}
	if err := awaitStopped(ctx, c, true); err != nil {
		return fleet.Proof{}, err
	}
	below, err := stopKin(ctx, c.pid)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("process %d stopped, but %w", c.pid, err)
	}
	// A stopped process does not notice the end of the one it works for.
	if err := f.setKin(name, below); err != nil {
		return fleet.Proof{}, err
	}
	r.mu.Lock()
	r.frozen = true
	r.mu.Unlock()
	r.changed()
	if err := f.silent(ctx, address, name); err != nil {
		return fleet.Proof{}, fmt.Errorf("process %d stopped, but %w", c.pid, err)
	}
	return f.prove("process %d%s stopped (state T), probe silent for %d ms", c.pid, and(below), frozenAfter.Milliseconds()), nil
}

// and says how many processes are below a region's.
func and(below []record.Process) string {
	if len(below) == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d below it", len(below))
}

// setKin records the processes below a region's, so that whatever ends this
// process a later down finds them.
func (f *Fleet) setKin(region string, below []record.Process) error {
	f.mu.Lock()
	file := f.file
	f.mu.Unlock()
	return file.Update(func(known *record.Record) { known.SetKin(region, below) })
}

// restore is the op of that name: a region that is dead is started again with the
// data it had, one that is stopped is continued. It is proved by its answer.
func (f *Fleet) restore(ctx context.Context, name string) (fleet.Proof, error) {
	ctx, r, done, err := f.command(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer done()
	was := r.current()
	if err := was.down(); err != nil {
		r.mu.Lock()
		cordoned := r.cordoned
		r.mu.Unlock()
		if cordoned {
			return fleet.Proof{}, r.whyDown(err)
		}
	}
	how, err := f.back(ctx, r)
	if err != nil {
		return fleet.Proof{}, err
	}
	return f.prove("%s", how), nil
}

// back revives the region and waits until it serves; it says what that took, and who
// answered. The caller has the turn.
func (f *Fleet) back(ctx context.Context, r *region) (string, error) {
	f.mu.Lock()
	l := f.life
	f.mu.Unlock()
	was := r.current()
	how := "runs"
	if was.down() != nil {
		how = "started"
	} else if stopped, err := isStopped(ctx, was.pid); err == nil && stopped {
		how = "continued"
	}
	if err := f.revive(ctx, l, r); err != nil {
		return "", err
	}
	c := r.current()
	ready, cancel := f.ready(ctx)
	defer cancel()
	health, err := f.awaitAnswer(ready, c, r.name)
	// A signal takes effect after kill returns: one that somebody else sent may stop it only now.
	for errors.Is(err, errStopped) {
		how = "continued"
		if err = f.thaw(ready, r, c); err == nil {
			health, err = f.awaitAnswer(ready, c, r.name)
		}
	}
	r.changed()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("process %d %s, %s of %s answers, started %s",
		c.pid, how, health.Replica, health.Region, health.Started.Local().Format("15:04:05.000")), nil
}

// thaw continues a stopped process.
func (f *Fleet) thaw(ctx context.Context, r *region, c *child) error {
	f.commanded(r.name, "kill -CONT %d", c.pid)
	// From below, so that it finds all that it works with at work.
	if err := continueKin(ctx, c.pid); err != nil {
		return err
	}
	if err := c.signal(unix.SIGCONT); err != nil {
		return fmt.Errorf("continue process %d: %w", c.pid, err)
	}
	if err := awaitStopped(ctx, c, false); err != nil {
		return err
	}
	r.mu.Lock()
	r.frozen = false
	r.mu.Unlock()
	return nil
}
