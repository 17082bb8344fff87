package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// killed is the exit code of a container whose first process got SIGKILL: 128 + 9.
const killed = 137

// pauseTries is how often a pause is sent: on cgroup v1 the freezer has been seen
// to refuse once and to take it the next time.
const pauseTries = 3

// kill is the op of that name: SIGKILL for the node's container. It is proved by the
// container's exit code and by its port, which refuses.
func (f *Fleet) kill(ctx context.Context, name string) (fleet.Proof, error) {
	r, e, err := f.commandOn(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer r.command.Unlock()
	address, err := f.Address(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	was := r.setFault(drill.FaultKill) // before the watch notices
	f.commanded(name, "%s kill %s", e.Name, r.node)
	err = e.unwedged(ctx, r.container(), func() error {
		_, err := e.run(ctx, changeWithin, "kill", r.container())
		return err
	})
	if err != nil {
		r.setFault(was)
		if said(err, "not running", "is not running", "no such container") {
			err = fmt.Errorf("%w: %w", fleet.ErrDown, err)
		}
		return fleet.Proof{}, err
	}
	c, err := f.awaitState(ctx, e, r, func(c container) bool { return !c.State.Running })
	if err != nil {
		return fleet.Proof{}, err
	}
	if err := refuses(ctx, address); err != nil {
		return fleet.Proof{}, fmt.Errorf("container %s, but %w", c.State.Status, err)
	}
	proof := f.prove("container exited %d, port refuses", c.State.ExitCode)
	if c.State.ExitCode != killed {
		f.log.Warn("a killed node exited with another code", "region", name, "code", c.State.ExitCode)
	}
	f.seenDead(r)
	return proof, nil
}

// freeze is the op of that name: the node's container is paused. It is proved by the
// container's state and by a probe that stays without an answer.
func (f *Fleet) freeze(ctx context.Context, name string) (fleet.Proof, error) {
	r, e, err := f.commandOn(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer r.command.Unlock()
	address, err := f.Address(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	quiet := listen(ctx, address, name)
	defer quiet.Close()
	was := r.setFault(drill.FaultFreeze)
	if err := f.pauseNode(ctx, e, r); err != nil {
		r.setFault(was)
		return fleet.Proof{}, err
	}
	if _, err := f.awaitState(ctx, e, r, func(c container) bool { return c.State.Paused }); err != nil {
		return fleet.Proof{}, err
	}
	if err := quiet.await(ctx, frozenAfter); err != nil {
		return fleet.Proof{}, fmt.Errorf("container paused, but %w", err)
	}
	return f.prove("container paused, probe silent for %d ms", frozenAfter.Milliseconds()), nil
}

func (f *Fleet) pauseNode(ctx context.Context, e *Engine, r *region) error {
	var err error
	for range pauseTries {
		f.commanded(r.name, "%s pause %s", e.Name, r.node)
		if _, err = e.run(ctx, changeWithin, "pause", r.container()); err == nil || said(err, "already paused") {
			return nil
		}
		if said(err, "not running", "no such container") {
			return fmt.Errorf("%w: %w", fleet.ErrDown, err)
		}
		if !said(err, "oci runtime", "freez", "cannot pause") || !pause(ctx, 100*time.Millisecond) {
			return err
		}
	}
	return err
}

// restore is the op of that name: the container is started or unpaused, whichever it
// needs. It is proved by an answer of the region, after a kill by one of a web
// replica that is younger than the container's new start. A region that was
// cordoned when it was killed has no web replica, so there the node itself
// proves it.
func (f *Fleet) restore(ctx context.Context, name string) (fleet.Proof, error) {
	r, e, err := f.commandOn(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer r.command.Unlock()
	done, since, err := f.revive(ctx, e, r)
	if err != nil {
		return fleet.Proof{}, err
	}
	// In this order: the old watch would report its broken connection.
	r.stopWatch()
	r.setFault("")
	f.watchRegion(r)
	health, err := f.awaitAnswer(ctx, r, since)
	if cordoned := (*cordonedError)(nil); errors.As(err, &cordoned) {
		return f.prove("%s, its API server answers, still cordoned", done), nil
	}
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("%s, but %w", done, err)
	}
	return f.prove("%s, %s of %s answers, started %s", done, health.Replica, health.Region, health.Started.Local().Format("15:04:05.000")), nil
}

// revive starts or unpauses the node, whichever it needs, and says what it did. Since
// is the start by the engine's clock before which no answer counts, zero if any does.
func (f *Fleet) revive(ctx context.Context, e *Engine, r *region) (done string, since time.Time, err error) {
	c, err := e.inspect(ctx, r.container())
	if err != nil {
		return "", since, err
	}
	switch {
	case c.State.Paused:
		f.commanded(r.name, "%s unpause %s", e.Name, r.node)
		if _, err := e.run(ctx, changeWithin, "unpause", r.container()); err != nil && !said(err, "not paused") {
			return "", since, err
		}
		_, err = f.awaitState(ctx, e, r, func(c container) bool { return c.State.Running && !c.State.Paused })
		return "container unpaused", since, err
	case !c.State.Running:
		f.commanded(r.name, "%s start %s", e.Name, r.node)
		if _, err := e.run(ctx, changeWithin, "start", r.container()); err != nil {
			return "", since, err
		}
		r.forgetAddress()
		c, err = f.awaitState(ctx, e, r, func(c container) bool { return c.State.Running })
		return "container started again", c.State.StartedAt, err
	}
	return "container runs", since, nil
}

// awaitState looks at the node's container until it is in the state, which it is at
// once unless the engine is behind.
func (f *Fleet) awaitState(ctx context.Context, e *Engine, r *region, in func(container) bool) (container, error) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	for {
		c, err := e.inspect(ctx, r.container())
		if err != nil {
			return c, err
		}
		if in(c) {
			return c, nil
		}
		if !pause(ctx, 20*time.Millisecond) {
			return c, fmt.Errorf("container %s is %s after %s; look with \"%s ps -a\"", r.node, c.State.Status, lookWithin, e.Name)
		}
	}
}

// commandOn takes the region for one command; the caller unlocks r.command.
func (f *Fleet) commandOn(ctx context.Context, name string) (*region, *Engine, error) {
	r, err := f.region(name)
	if err != nil {
		return nil, nil, err
	}
	if r.container() == "" {
		return nil, nil, fmt.Errorf("%w: it is not up yet", fleet.ErrDown)
	}
	e, err := f.detected(ctx)
	if err != nil {
		return nil, nil, err
	}
	r.command.Lock()
	return r, e, nil
}

// container is the id of the node's container, "" before there is one. Commands go
// to the id: a name can pass to a container that is not ours.
func (r *region) container() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.id
}

// setFault notes the fault that we put on the region and returns the one before.
func (r *region) setFault(k drill.FaultKind) (was drill.FaultKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was, r.fault = r.fault, k
	return was
}

func (r *region) faulted() drill.FaultKind {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fault
}
