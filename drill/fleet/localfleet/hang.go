package localfleet

import (
	"context"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// hangStore stops what keeps a region's data, without a word to the rest: the store's process in a region with zones, else
// the processes of its database servers. It is proved by their states as the kernel has them. The log engine of a region
// without zones shares the region's one process, which can't be stopped in part.
func (o execution) hangStore(ctx context.Context, r *region) (string, error) {
	if r.spec.Zones > 0 {
		return o.freezeParts(ctx, r, func(p wire.ZoneProcess) bool { return p.Store })
	}
	c := r.current()
	if err := c.down(); err != nil {
		return "", r.whyDown(err)
	}
	// What the region was scaled by is below it too, and no part of its store.
	_, webs, err := o.listed(ctx, r, func(p wire.ZoneProcess) bool { return !p.Store })
	if err != nil {
		return "", err
	}
	all, err := below.Of(ctx, c.pid, webs...)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", &fleet.Cannot{
			Why:  fmt.Sprintf("the built-in log of %s is in the region's own process, which does not hang in part", r.name),
			Next: "give the region zones, use engine: postgres, or freeze the region",
		}
	}
	if err := o.own.File().Update(func(known *record.Record) { known.AddDescendants(r.name, all) }); err != nil {
		return "", err
	}
	line := "kill -STOP"
	for _, p := range all {
		line += fmt.Sprintf(" %d", p.PID)
	}
	o.out.commanded(r.name, "%s", line)
	under, err := below.Stop(ctx, c.pid, webs...) // sends SIGSTOP, and returns once all are stopped
	if err != nil {
		return "", err
	}
	r.changed()
	return fmt.Sprintf("%d processes of its database stopped (state T), process %d runs", len(under), c.pid), nil
}
