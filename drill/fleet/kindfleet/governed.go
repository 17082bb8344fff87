package kindfleet

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/ahead"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/wanted"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube/governed"
)

// governing is regions that can get what they run by their repository. It implements fleet.Governed and fleet.Clusters.
type governing struct {
	replicas *wanted.Replicas
	clusters map[string]*cluster // by region
	*ahead.Delivery
}

// Govern implements fleet.Governed.
func (g governing) Govern(region string, replicas int) { g.replicas.Govern(region, replicas) }

// Objects implements fleet.Clusters.
func (g governing) Objects(region string, from fleet.Station) (reconciler.Objects, error) {
	c := g.clusters[region]
	if c == nil || c.webOf(region) == nil {
		return nil, fmt.Errorf("%w: it is not up yet", fleet.ErrDown)
	}
	api, err := c.connect()
	if err != nil {
		return nil, err
	}
	objects, err := governed.New(governed.Config{Access: kube.Access(api), Namespace: c.region(region).Namespace, Web: c.webOf(region), Closed: kube.ClosedTier})
	if err != nil {
		return nil, err
	}
	return objects.Target(from), nil
}

// setWeb keeps the web tier's Deployment of a region as it is without what the region's repository says of it.
func (c *cluster) setWeb(region string, web config.Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.webs[region] = web
}

func (c *cluster) webOf(region string) config.Object {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.webs[region]
}
