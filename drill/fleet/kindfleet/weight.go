package kindfleet

import (
	"context"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// bootShares is the weight of a node that boots, in CPU shares, against the 1024 of one
// that serves. A boot wants every processor for half a minute: at equal weights, on two
// cores, the regions beside it answered no probe in time and were judged lost one after
// the other (eight failovers for one fault). At 64 that happened once while a compiler ran
// beside; at 32 a boot gets what the others leave, which is nearly all of an idle machine.
const bootShares = 32

// weights gives nodes that boot a small weight until they serve. It is set on the
// container, so the runtime keeps it across a stop and a start.
type weights struct {
	out  reporter
	said sync.Once
}

// ownShares is the weight of a node that does not boot, from what the engine says of it.
// One that is that small was left by a fleetdrill that ended during the boot.
func ownShares(seen int64) int64 {
	if seen <= bootShares {
		return host.DefaultShares
	}
	return seen
}

// seen keeps what the engine says of the node's weight.
func (w *weights) seen(c *cluster, node host.Container) {
	shares := node.Shares()
	c.setShares(ownShares(shares), shares <= bootShares)
}

// lower is before, or early in, a boot. A node without a small weight boots as well, so
// an engine that can't give it one is said once and is no error.
func (w *weights) lower(ctx context.Context, e *host.Runtime, c *cluster) {
	own, low := c.shares()
	if low {
		return
	}
	if err := w.set(ctx, e, c, bootShares); err != nil {
		if ctx.Err() == nil {
			w.refused(e, err)
		}
		return
	}
	c.setShares(own, true)
}

// raise gives the node its own weight again, also where the command that it booted for
// has failed or was interrupted.
func (w *weights) raise(ctx context.Context, e *host.Runtime, c *cluster) {
	own, low := c.shares()
	if !low {
		return
	}
	if err := w.set(context.WithoutCancel(ctx), e, c, own); err != nil {
		if !host.Refused(err, "no such container") {
			w.refused(e, err)
		}
		return
	}
	c.setShares(own, false)
}

func (w *weights) set(ctx context.Context, e *host.Runtime, c *cluster, shares int64) error {
	w.out.commanded(c.first(), "%s update --cpu-shares %d %s", e.Name, shares, c.node)
	return e.SetShares(ctx, c.container(), shares)
}

func (w *weights) refused(e *host.Runtime, err error) {
	w.said.Do(func() {
		w.out.to(drill.TaskFailed{
			Task: "give nodes that boot less of the processors", Error: err.Error(),
			Next: "regions may answer late while another boots; " + e.Name + " needs the cpu controller (see \"" + e.Name + " info\"), or leave a processor free for each region",
		})
	})
}
