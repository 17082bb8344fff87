package kindfleet

import (
	"context"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// weights gives nodes that boot a small weight until they serve. It is set on the
// container, so the runtime keeps it across a stop and a start.
type weights struct {
	out  reporter
	said sync.Once
}

// seen keeps what the engine says of the node's weight.
func (w *weights) seen(c *cluster, node host.Container) {
	shares := node.Shares()
	c.setShares(host.OwnShares(shares), shares <= host.BootShares)
}

// lower is before, or early in, a boot. A node without a small weight boots as well, so
// an engine that can't give it one is said once and is no error.
func (w *weights) lower(ctx context.Context, e *host.Runtime, c *cluster) {
	own, low := c.shares()
	if low {
		return
	}
	if err := w.set(ctx, e, c, host.BootShares); err != nil {
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
