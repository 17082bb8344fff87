package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/kindcluster"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// killControlPlane takes the API server's manifest from the kubelet and ends its container with SIGKILL. It is proved by the
// API server, which does not answer, and by each region's gateway, which does.
func (o execution) killControlPlane(ctx context.Context, c *cluster) (fleet.Proof, error) {
	api, err := o.reach(ctx, c)
	if err != nil {
		return fleet.Proof{}, err
	}
	addresses, err := o.addresses(ctx, c)
	if err != nil {
		return fleet.Proof{}, err
	}
	c.keep(&c.noAPI, true)
	was := c.setFault(fleet.OpKillControlPlane) // before a watch sees it
	script := kindcluster.TakeAPI(kindcluster.KubernetesDir)
	o.out.commanded(o.region, "%s exec %s sh -c '%s'", o.engine.Name, c.node, script)
	if _, err := o.engine.Run(ctx, host.ChangeWithin, "exec", c.container(), "sh", "-c", script); err != nil {
		c.setFault(was)
		return fleet.Proof{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, host.LookWithin)
	defer cancel()
	for api.Answers(bounded, c.node) {
		if !pause.For(bounded, lookEvery) {
			return fleet.Proof{}, errors.New("its API server still answers")
		}
	}
	var group errgroup.Group
	for region, address := range addresses {
		group.Go(func() error {
			probe, stop := context.WithTimeout(ctx, gateway.ProbeWithin)
			defer stop()
			_, err := gateway.Probe(probe, address, region)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return fleet.Proof{}, fmt.Errorf("its API server does not answer, but %w", err)
	}
	return o.out.prove("API server of %s does not answer, %s %s", c.node, strings.Join(c.names(), ", "), format.Word(len(addresses), "answers", "answer")), nil
}

// openControlPlane gives the kubelet the API server's manifest back, where a fault took it.
func (o execution) openControlPlane(ctx context.Context, c *cluster) error {
	script := kindcluster.GiveAPI(kindcluster.KubernetesDir)
	o.out.commanded(o.region, "%s exec %s sh -c '%s'", o.engine.Name, c.node, script)
	if _, err := o.engine.Run(ctx, host.ChangeWithin, "exec", c.container(), "sh", "-c", script); err != nil {
		return err
	}
	api, err := c.connect()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.ready.within)
	defer cancel()
	if !api.AwaitAPI(ctx, c.node) {
		return fmt.Errorf("its API server did not answer again: %w; look with \"%s logs %s\"", ctx.Err(), o.engine.Name, c.node)
	}
	return nil
}
