package governor

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config/agents"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
)

// clusterWithin bounds one reconciliation of a cluster: some sixty questions of an API server, four at once, which on two busy cores
// answers each within 2 s when it answers at all.
const clusterWithin = 20 * time.Second

// Times of the first revision, until every region runs it: an agent starts its web replicas within a second, and a cluster starts
// pods. Four in each of two clusters took 25 s on two busy cores; the bound is for ten clusters there.
const (
	firstWithin        = 30 * time.Second
	firstWithinCluster = 3 * time.Minute
)

// regions is the governed regions as their reconcilers have them, and as a person has them with kubectl.
type regions struct {
	targets map[string]reconciler.Target
	byHand  map[string]reconciler.Objects
	within  time.Duration // of one reconciliation; 0 is the reconciler's own
}

// regionsOf is those that a governor has: by their agents, which keep the objects themselves, or by their clusters. A reconciler in the hub
// reaches either by way of that.
func regionsOf(c Config, names []string) (regions, error) {
	as := regions{targets: map[string]reconciler.Target{}, byHand: map[string]reconciler.Objects{}}
	for _, region := range names {
		station, person := agents.New(c.Reconciler(region), c.Hub), agents.New(c.Direct(region), nil)
		if c.Clusters == nil {
			as.targets[region], as.byHand[region] = station, person
			continue
		}
		target, err := c.Clusters.Objects(region, station)
		if err == nil {
			as.byHand[region], err = c.Clusters.Objects(region, person)
		}
		if err != nil {
			return as, fmt.Errorf("reach the objects of %s: %w", region, err)
		}
		as.targets[region], as.within = target, clusterWithin
	}
	return as, nil
}
