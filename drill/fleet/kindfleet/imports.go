package kindfleet

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube/mcs"
	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// Import implements fleet.Importer.
func (p *Platform) Import(ctx context.Context, region, dataset string, exports bool, endpoints []fleet.Endpoint) error {
	c, err := p.clusterOf(region)
	if err != nil {
		return err
	}
	if c.faulted() != "" || c.container() == "" {
		return fmt.Errorf("import %s into %s: %w", dataset, region, fleet.ErrDown)
	}
	objects, err := mcs.Objects(c.region(region).Namespace, dataset, exports, endpoints)
	if err != nil {
		return err
	}
	api, err := c.connect()
	if err != nil {
		return err
	}
	// A cluster that has just been given the definitions does not know their kinds for a moment.
	bounded, cancel := context.WithTimeout(ctx, definedWithin)
	defer cancel()
	for {
		if err = api.Apply(ctx, objects); err == nil || !kube.Missing(err) || !pause.For(bounded, lookEvery) {
			return err
		}
	}
}

// definedWithin is how long a cluster may take until it knows the kinds of new definitions: a second or less where it was
// measured, on two busy cores.
const definedWithin = 10 * time.Second
