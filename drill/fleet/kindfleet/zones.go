package kindfleet

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/removal"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A region with zones has a worker node for each, labelled topology.kubernetes.io/zone, beside its control plane's. That
// one is in no zone and has the gateway too, as a cloud's load balancer and control plane are a region's and no zone's.

// worker is a container beside the first control plane's: the node of a zone, or of the region's own config ("" as zone).
type worker struct{ zone, node, cluster string }

// DoZone implements fleet.Platform: the op is done to the container of the zone's node.
func (p *Platform) DoZone(ctx context.Context, zone string, op fleet.Op) (fleet.Proof, error) {
	proof, err := doZone(ctx, p, zone, op)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("%s zone %s: %w", op, zone, err)
	}
	return proof, nil
}

func doZone(ctx context.Context, p *Platform, zone string, op fleet.Op) (fleet.Proof, error) {
	if !slices.Contains(fleet.OpsOfZone, op) {
		return fleet.Proof{}, &fleet.Cannot{Why: fmt.Sprintf("a zone takes no %s", op), Next: fmt.Sprintf("use one of %v", fleet.OpsOfZone)}
	}
	if err := p.Can(op); err != nil {
		return fleet.Proof{}, err
	}
	of, known := topology.RegionOfZone(p.cfg.Fleet, zone)
	if !known {
		return fleet.Proof{}, fmt.Errorf("fleet %s has no such zone, it has %s", p.cfg.Fleet.Name, strings.Join(topology.ZoneNames(p.cfg.Fleet), ", "))
	}
	do, c, err := p.turn(ctx, of.Name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer c.release()
	w := c.workers[slices.IndexFunc(c.workers, func(w worker) bool { return w.zone == zone })]
	switch op {
	case fleet.OpKill:
		node, err := do.killWorker(ctx, w)
		if err != nil {
			return fleet.Proof{}, err
		}
		c.setBroken(zone, true)
		p.watches.again(c)
		return p.out.prove("container %s exited %d", w.node, node.State.ExitCode), nil
	case fleet.OpFreeze:
		if err := do.freezeWorker(ctx, w); err != nil {
			return fleet.Proof{}, err
		}
		c.setBroken(zone, true)
		p.watches.again(c)
		return p.out.prove("container %s paused", w.node), nil
	}
	return do.restoreZone(ctx, c, w)
}

// restoreZone starts or unpauses a zone's node. It is proved by its kubelet, which renews the node's lease, and by its pods,
// which are ready in containers that started after the node did.
func (o execution) restoreZone(ctx context.Context, c *cluster, w worker) (fleet.Proof, error) {
	began := o.out.now()
	started, err := o.reviveWorker(ctx, w)
	if err != nil {
		return fleet.Proof{}, err
	}
	api, err := c.connect()
	if err != nil {
		return fleet.Proof{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, o.ready.within)
	defer cancel()
	ready, err := api.AwaitNode(bounded, c.region(o.region), w.node, kube.Since{Lease: began, Containers: started})
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("node %s runs, but %w; look with \"%s get pods -o wide -n %s\"", w.node, err, c.kubectl(), c.region(o.region).Namespace)
	}
	c.setBroken(w.zone, false)
	o.watches.again(c)
	return o.out.prove("node %s answers, %d of its pods ready", w.node, ready), nil
}

// eachWorker does something to every worker of a cluster at once.
func (o execution) eachWorker(c *cluster, do func(worker) error) error {
	var group errgroup.Group
	for _, w := range c.workers {
		group.Go(func() error {
			if err := do(w); err != nil {
				return fmt.Errorf("container %s: %w", w.node, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (o execution) said(line string) { o.out.commanded(o.region, "%s", line) }

// inspect is a worker's container, if it is one of the cluster's nodes.
func (o execution) inspect(ctx context.Context, w worker) (host.Container, error) {
	node, err := o.engine.Inspect(ctx, w.node)
	if err == nil && node.Config.Labels[removal.ClusterLabel] != w.cluster {
		err = fmt.Errorf("%w: container %s", fleet.ErrNotOurs, w.node)
	}
	return node, err
}

// killWorker sends SIGKILL to a worker's container. One that does not run is so already.
func (o execution) killWorker(ctx context.Context, w worker) (host.Container, error) {
	node, err := o.inspect(ctx, w)
	if err != nil {
		return node, err
	}
	return host.Kill(ctx, o.engine, node, o.said)
}

func (o execution) freezeWorker(ctx context.Context, w worker) error {
	node, err := o.inspect(ctx, w)
	if err == nil && !node.State.Running && !node.State.Paused {
		err = downError(node)
	}
	if err != nil {
		return err
	}
	return host.Pause(ctx, o.engine, node, o.said)
}

// reviveWorker starts or unpauses a worker's container, whichever it needs, and returns its new start, zero where it has none.
func (o execution) reviveWorker(ctx context.Context, w worker) (started time.Time, err error) {
	node, err := o.inspect(ctx, w)
	if err != nil {
		return started, err
	}
	return host.Revive(ctx, o.engine, node, o.said)
}

// keep sets a mark of the cluster, and returns what it was.
func (c *cluster) keep(mark *bool, now bool) (was bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, *mark = *mark, now
	return was
}

// setBroken keeps whether a zone was broken; "" is all of them.
func (c *cluster) setBroken(zone string, on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil || zone == "" {
		c.broken = map[string]bool{}
	}
	if zone != "" {
		c.broken[zone] = on
	}
}

func (c *cluster) isBroken(zone string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken[zone]
}
