package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// patience bounds one step of a move: what a disk may take, or a server that has
// to be made and started.
func (k *keeper) patience() time.Duration {
	engine, _ := store.EngineOf(k.spec.Engine)
	return engine.Step
}

// whileUp is the context of what is asked of regions: it is over after limit, or as
// soon as one of them goes down. A keeper does one thing at a time, and the loss of a
// region is not to wait until everything that it was asked has timed out.
func (k *keeper) whileUp(ctx context.Context, limit time.Duration, regions ...string) (context.Context, context.CancelFunc) {
	ctx, down := context.WithCancelCause(ctx)
	ctx, cancel := context.WithTimeout(ctx, limit)
	// During the bring-up the router may not have seen it up yet.
	was := map[string]bool{}
	for _, region := range regions {
		was[region] = k.router.Up(region)
	}
	go func() {
		defer down(nil)
		for sleep(ctx, pollEvery) == nil {
			for _, region := range regions {
				up := k.router.Up(region)
				if was[region] && !up {
					down(fmt.Errorf("%s is down", region))
					return
				}
				was[region] = up
			}
		}
	}()
	return ctx, cancel
}

// because is the error of what was asked in a context of whileUp, or why that ended.
func because(asking context.Context, err error) error {
	if err != nil && asking.Err() == context.Canceled {
		return context.Cause(asking)
	}
	return err
}
