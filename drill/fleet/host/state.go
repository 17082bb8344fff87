package host

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// stateEvery is how often the engine is asked for a state that a container will be in at once.
const stateEvery = 20 * time.Millisecond

// Kill sends SIGKILL to a container and returns it once it has ended; one that does not run is so already. said gets the
// command as a person would type it.
func Kill(ctx context.Context, e *Runtime, c Container, said func(line string)) (Container, error) {
	if !c.State.Running && !c.State.Paused {
		return c, nil
	}
	said(e.Name + " kill " + c.label())
	err := e.ThawFrozen(ctx, c.ID, func() error {
		_, err := e.Run(ctx, ChangeWithin, "kill", c.ID)
		return err
	})
	if err != nil {
		return c, err
	}
	return Await(ctx, e, c.ID, func(c Container) bool { return !c.State.Running })
}

// Pause pauses a container; one that is paused is so already.
func Pause(ctx context.Context, e *Runtime, c Container, said func(line string)) error {
	if c.State.Paused {
		return nil
	}
	said(e.Name + " pause " + c.label())
	if _, err := e.Run(ctx, ChangeWithin, "pause", c.ID); err != nil {
		return err
	}
	_, err := Await(ctx, e, c.ID, func(c Container) bool { return c.State.Paused })
	return err
}

// Revive starts or unpauses a container, whichever it needs, and returns its new start; zero where it has none.
func Revive(ctx context.Context, e *Runtime, c Container, said func(line string)) (started time.Time, err error) {
	verb := "start"
	switch {
	case c.State.Paused:
		verb = "unpause"
	case c.State.Running:
		return started, nil
	}
	said(e.Name + " " + verb + " " + c.label())
	if _, err = e.Run(ctx, ChangeWithin, verb, c.ID); err != nil {
		return started, err
	}
	c, err = Await(ctx, e, c.ID, func(c Container) bool { return c.State.Running && !c.State.Paused })
	if verb == "start" {
		started = c.State.StartedAt
	}
	return started, err
}

// label is a container's name without the engine's slash.
func (c Container) label() string { return strings.TrimPrefix(c.Name, "/") }

// Await looks at a container, by its id, until it is in the state, which it is at once unless the engine is behind.
func Await(ctx context.Context, e *Runtime, id string, in func(Container) bool) (Container, error) {
	ctx, cancel := context.WithTimeout(ctx, LookWithin)
	defer cancel()
	for {
		now, err := e.Inspect(ctx, id)
		if err != nil || in(now) {
			return now, err
		}
		if !pause.For(ctx, stateEvery) {
			return now, fmt.Errorf("container %s is %s after %s; look with \"%s ps -a\"", now.label(), now.State.Status, LookWithin, e.Name)
		}
	}
}
