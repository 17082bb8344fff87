package kindfleet

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
)

// cordon empties the named region alone, also where it shares its cluster (see
// kube.Cluster.SetCordoned). It is proved by the node's spec as read back and by the
// number of the region's pods that are left on the node, none.
func (o execution) cordon(ctx context.Context, c *cluster) (fleet.Proof, error) {
	at := c.region(o.region)
	api, err := o.reach(ctx, c)
	if err != nil {
		return fleet.Proof{}, err
	}
	if at.Shared() {
		o.out.commanded(at.Name, "%s taint nodes %s %s=:NoSchedule", c.kubectl(), c.node, kube.CordonTaint(at.Name))
	} else {
		o.out.commanded(at.Name, "%s cordon %s", c.kubectl(), c.node)
	}
	node, err := api.SetCordoned(ctx, at, true)
	if err != nil {
		return fleet.Proof{}, err
	}
	if at.Shared() && node.Spec.Unschedulable {
		o.out.commanded(at.Name, "%s cordon %s", c.kubectl(), c.node)
	}
	if at.Shared() {
		o.out.commanded(at.Name, "%s -n %s delete pods --all", c.kubectl(), at.Namespace)
	} else {
		o.out.commanded(at.Name, "%s drain %s --pod-selector app.kubernetes.io/part-of=fleetdrill --ignore-daemonsets", c.kubectl(), c.node)
	}
	left, err := api.EvictAll(ctx, at)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("%w; look with \"%s -n %s get pods\"", err, c.kubectl(), at.Namespace)
	}
	if node, err = api.Node(ctx, c.node); err != nil {
		return fleet.Proof{}, fmt.Errorf("read back: %w", err)
	}
	if !kube.Cordoned(node, at) {
		return fleet.Proof{}, fmt.Errorf("node %s reads back as schedulable: something else uncordoned it", c.node)
	}
	whose := "pods"
	if at.Shared() {
		whose += " of " + at.Name
	}
	return o.out.prove("node spec read back: %s, %s %d", kube.CordonText(node, at), whose, left), nil
}

// uncordon lets the named region's workload return. It is proved by the node's spec as
// read back and by an answer of the region.
func (o execution) uncordon(ctx context.Context, c *cluster) (fleet.Proof, error) {
	at := c.region(o.region)
	api, err := o.reach(ctx, c)
	if err != nil {
		return fleet.Proof{}, err
	}
	if at.Shared() {
		o.out.commanded(at.Name, "%s taint nodes %s %s-", c.kubectl(), c.node, kube.CordonTaint(at.Name))
	}
	o.out.commanded(at.Name, "%s uncordon %s", c.kubectl(), c.node)
	if _, err := api.SetCordoned(ctx, at, false); err != nil {
		return fleet.Proof{}, err
	}
	health, err := o.ready.answer(ctx, c, at, time.Time{})
	if err != nil {
		return fleet.Proof{}, err
	}
	node, err := api.Node(ctx, c.node)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("read back: %w", err)
	}
	return o.out.prove("node spec read back: %s, %s answers", kube.CordonText(node, at), health.Replica), nil
}

// reach connects to the cluster's API server, which a cluster that is killed or frozen
// does not have.
func (o execution) reach(ctx context.Context, c *cluster) (*kube.Cluster, error) {
	node, err := o.engine.Inspect(ctx, c.container())
	if err != nil {
		return nil, err
	}
	if !node.State.Running || node.State.Paused {
		return nil, downError(node)
	}
	if c.faulted() == fleet.OpKillControlPlane {
		return nil, fmt.Errorf("its API server was killed: restore the region first")
	}
	return c.connect()
}
