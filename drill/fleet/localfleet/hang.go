package localfleet

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// breaksStores has the disk under a region's replicas fail, which its agent does. A database that is stopped for it does not
// notice the end of the agent, so what is below the region's process is put on record before: a later down must find it.
func (o execution) breaksStores(fault store.DiskFault) func(context.Context, *region) (string, error) {
	return func(ctx context.Context, r *region) (string, error) {
		c := r.current()
		if err := c.down(); err != nil {
			return "", r.whyDown(err)
		}
		all, err := below.Of(ctx, c.pid)
		if err == nil && len(all) > 0 {
			err = o.own.File().Update(func(known *record.Record) { known.AddDescendants(r.name, all) })
		}
		if err != nil {
			return "", err
		}
		found, err := o.probe.storesOf(r).Break(ctx, fault)
		r.changed()
		return found, err
	}
}

// storesOf is what keeps a region's data.
func (p prober) storesOf(r *region) gateway.Stores {
	return gateway.StoresAt(r.current().address(), r.name, p.token)
}
