package kindfleet

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
)

// stores is a region's, whose disks the agent in their pod has fail: a cluster has nothing that would.
func (o execution) stores(ctx context.Context, c *cluster, region string) gateway.Stores {
	address, _ := c.address(ctx, o.engine, region, c.container()) // without one, the first question says so
	return gateway.StoresAt(address, region, o.token)
}
