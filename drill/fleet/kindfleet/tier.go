package kindfleet

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// killTier ends the pods of a region's web tier with SIGKILL and keeps new ones away by scaling its Deployment to none. It is
// proved by the pods: none of the web tier is left, and the store's is ready; and by the gateway, which serves nobody: a pod that was
// deleted by force runs on until its kubelet has noticed.
func (o execution) killTier(ctx context.Context, c *cluster) (fleet.Proof, error) {
	at := c.region(o.region)
	api, err := o.reach(ctx, c)
	if err != nil {
		return fleet.Proof{}, err
	}
	address, err := c.address(ctx, o.engine, at.Name, c.container())
	if err != nil {
		return fleet.Proof{}, err
	}
	o.out.commanded(at.Name, "%s -n %s scale deployment web --replicas 0 && kubectl delete pods -l fleetdrill/role=web --grace-period 0 --force", c.kubectl(), at.Namespace)
	c.keep(&c.closed, true)
	killed, err := api.CloseTier(ctx, at)
	if err != nil {
		return fleet.Proof{}, err
	}
	if err := gateway.ServesNobody(ctx, address, at.Name); err != nil {
		return fleet.Proof{}, err
	}
	return o.out.prove("%s killed and none started, the gateway serves nobody, the store's pod is ready", format.Plural(killed, "web pod", "web pods")), nil
}

// openTiers lets the web tiers come back that a fault closed.
func (o execution) openTiers(ctx context.Context, c *cluster) error {
	api, err := c.connect()
	if err != nil {
		return err
	}
	for _, at := range c.regions {
		if _, err := api.OpenTier(ctx, at); err != nil {
			return err
		}
	}
	return nil
}
