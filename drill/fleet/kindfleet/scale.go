package kindfleet

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Scale implements fleet.Platform: the web tier's Deployment gets another scale. It is proved by that as read back, by
// the pods that are ready, and by an answer of the region.
func (p *Platform) Scale(ctx context.Context, region string, replicas int) (fleet.Proof, error) {
	proof, err := p.scale(ctx, region, replicas)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("scale region %s: %w", region, err)
	}
	return proof, nil
}

func (p *Platform) scale(ctx context.Context, region string, replicas int) (fleet.Proof, error) {
	do, c, err := p.turn(ctx, region)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer c.release()
	at := c.region(region)
	api, err := do.reach(ctx, c)
	if err != nil {
		return fleet.Proof{}, err
	}
	p.out.commanded(region, "%s -n %s scale deployment web --replicas %d", c.kubectl(), at.Namespace, replicas)
	was := p.web.Set(region, replicas) // before a watch sees other pods than were wanted
	says, err := api.ScaleWeb(ctx, at, replicas)
	if err != nil {
		p.web.Set(region, was)
		return fleet.Proof{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, do.ready.within)
	defer cancel()
	if err := api.AwaitWeb(bounded, at, replicas); err != nil {
		return fleet.Proof{}, do.ready.withNext(c, at, err)
	}
	health, err := do.ready.answer(bounded, c, at, time.Time{})
	if err != nil {
		return fleet.Proof{}, err
	}
	return p.out.prove("scale read back: %d, %s ready, %s answers", says, format.Plural(replicas, "pod", "pods"), health.Replica), nil
}
