package governor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
)

// Scale gives a region another number of web replicas by a commit, and has its reconciler look at once, in manual mode too. The error says
// where the revision does not reach the region yet.
func (g *Governor) Scale(ctx context.Context, region string, replicas int, by string) (proof string, err error) {
	began := g.cfg.Clock.Now()
	g.scalings.command(region, true)
	defer g.scalings.command(region, false)
	v, err := g.Commit(ctx, fmt.Sprintf("replicas %d in %s", replicas, region), by)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil { // it may get them still, when nobody waits for it any more
			g.scalings.await(region, &scaling{replicas, began, "committed as " + config.Short(v.Hash)})
		}
	}()
	if err := g.rolledOut(ctx, region); err != nil {
		return "", fmt.Errorf("%s is committed, and %s does not have it: %w", config.Short(v.Hash), region, err)
	}
	health, err := g.as.targets[region].Health(ctx)
	if err != nil {
		return "", err
	}
	run := "an unknown number of web replicas runs"
	if health.Running != nil {
		run = fmt.Sprintf("%d web replicas run", *health.Running)
	}
	if !health.Ready || health.Running == nil || *health.Running != replicas {
		return "", fmt.Errorf("%s is committed and %s does not have it yet: %s; a wave before its own may hold it", config.Short(v.Hash), region, run)
	}
	return fmt.Sprintf("committed as %s, %s", config.Short(v.Hash), run), nil
}

// lookEvery is how often it is looked whether a region runs what it was given.
const lookEvery = 250 * time.Millisecond

// rolledOut gives a region its revision, and waits while it is on its way to run it.
func (g *Governor) rolledOut(ctx context.Context, region string) error {
	for {
		err := g.fleet.Sync(ctx, region)
		if !errors.Is(err, reconciler.ErrProgressing) {
			return err
		}
		c, stop := g.cfg.Clock.After(lookEvery)
		select {
		case <-c:
		case <-ctx.Done():
			stop()
			return err
		}
	}
}
