package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/pause"
)

const (
	// killed is the exit code of a container whose first process got SIGKILL: 128 + 9.
	killed = 137
	// pauseTries is how often a pause is sent: on cgroup v1 the freezer has been seen to refuse once and to take it the next
	// time.
	pauseTries = 3
	// frozenAfter is how long a probe must stay without an answer before a region counts as frozen: hundreds of times what an
	// answer takes.
	frozenAfter = 300 * time.Millisecond
)

// execution does one op, which the caller holds the cluster's turn for.
type execution struct {
	engine  *host.Runtime
	out     reporter
	watches *watches
	weights *weights
	ready   readiness
	region  string // that was named
	token   string // the fleet's
}

// kill sends SIGKILL to the node's container. It is proved by the container's exit code and by the ports of its regions, which
// refuse.
func (o execution) kill(ctx context.Context, c *cluster) (fleet.Proof, error) {
	addresses, err := o.addresses(ctx, c)
	if err != nil {
		return fleet.Proof{}, err
	}
	was := c.setFault(fleet.OpKill) // before a watch sees it
	o.out.commanded(o.region, "%s kill %s", o.engine.Name, c.node)
	err = o.engine.ThawFrozen(ctx, c.container(), func() error {
		_, err := o.engine.Run(ctx, host.ChangeWithin, "kill", c.container())
		return err
	})
	if err != nil {
		c.setFault(was)
		if host.Refused(err, "not running", "is not running", "no such container") {
			err = fmt.Errorf("%w: %w", fleet.ErrDown, err)
		}
		return fleet.Proof{}, err
	}
	node, err := host.Await(ctx, o.engine, c.container(), func(c host.Container) bool { return !c.State.Running })
	if err == nil {
		err = o.eachWorker(c, func(w worker) error { _, err := o.killWorker(ctx, w); return err })
	}
	if err != nil {
		return fleet.Proof{}, err
	}
	var group errgroup.Group
	for _, address := range addresses {
		group.Go(func() error { return gateway.Refuses(ctx, address) })
	}
	if err := group.Wait(); err != nil {
		return fleet.Proof{}, fmt.Errorf("container %s, but %w", node.State.Status, err)
	}
	all := c.names()
	proof := o.out.prove("container exited %d, %s%s %s", node.State.ExitCode, format.Word(len(all), "port", "ports"), of(all), format.Word(len(all), "refuses", "refuse"))
	if node.State.ExitCode != killed {
		o.out.log.Warn("a killed node exited with another code", "region", o.region, "code", node.State.ExitCode)
	}
	o.watches.dead(c)
	return proof, nil
}

// addresses is where each region of the cluster listens.
func (o execution) addresses(ctx context.Context, c *cluster) (map[string]string, error) {
	all := map[string]string{}
	for _, r := range c.names() {
		address, err := c.address(ctx, o.engine, r, c.container())
		if err != nil {
			return nil, fmt.Errorf("address of region %s: %w", r, err)
		}
		all[r] = address
	}
	return all, nil
}

// freeze pauses the node's container. It is proved by the container's state and by probes of its regions that stay without an
// answer.
func (o execution) freeze(ctx context.Context, c *cluster) (fleet.Proof, error) {
	addresses, err := o.addresses(ctx, c)
	if err != nil {
		return fleet.Proof{}, err
	}
	probes := map[string]*gateway.SilentProbe{}
	for region, address := range addresses {
		probe := gateway.Listen(ctx, address, region)
		defer probe.Close()
		probes[region] = probe
	}
	was := c.setFault(fleet.OpFreeze)
	if err := o.pauseNode(ctx, c); err != nil {
		c.setFault(was)
		return fleet.Proof{}, err
	}
	if _, err := host.Await(ctx, o.engine, c.container(), func(c host.Container) bool { return c.State.Paused }); err != nil {
		return fleet.Proof{}, err
	}
	if err := o.eachWorker(c, func(w worker) error { return o.freezeWorker(ctx, w) }); err != nil {
		return fleet.Proof{}, err
	}
	for region, probe := range probes {
		if err := probe.Await(ctx, frozenAfter); err != nil {
			return fleet.Proof{}, fmt.Errorf("container paused, but region %s: %w", region, err)
		}
	}
	all := c.names()
	return o.out.prove("container paused, %s%s silent for %d ms", format.Word(len(all), "probe", "probes"), of(all), frozenAfter.Milliseconds()), nil
}

func (o execution) pauseNode(ctx context.Context, c *cluster) error {
	var err error
	for range pauseTries {
		o.out.commanded(o.region, "%s pause %s", o.engine.Name, c.node)
		if _, err = o.engine.Run(ctx, host.ChangeWithin, "pause", c.container()); err == nil || host.Refused(err, "already paused") {
			return nil
		}
		if host.Refused(err, "not running", "no such container") {
			return fmt.Errorf("%w: %w", fleet.ErrDown, err)
		}
		if !host.Refused(err, "oci runtime", "freez", "cannot pause") || !pause.For(ctx, 100*time.Millisecond) {
			return err
		}
	}
	return err
}

// restore starts or unpauses the container, whichever it needs. It is proved by an answer of each region, after a kill by one
// of a web replica that is younger than the container's new start. A region that was cordoned when its cluster was killed has
// no web replica, so there the node itself proves it.
func (o execution) restore(ctx context.Context, c *cluster) (fleet.Proof, error) {
	defer o.weights.raise(ctx, o.engine, c)
	done, since, err := revive(ctx, o.engine, o.out, o.weights, c, o.region)
	if err != nil {
		return fleet.Proof{}, err
	}
	// In this order: the old watches would report their broken connections.
	o.watches.stop(c)
	if err := o.eachWorker(c, func(w worker) error { _, err := o.reviveWorker(ctx, w); return err }); err != nil {
		return fleet.Proof{}, err
	}
	c.setFault("")
	c.setBroken("", false)
	if c.keep(&c.noAPI, false) {
		err = o.openControlPlane(ctx, c)
	}
	if err == nil && c.keep(&c.closed, false) {
		err = o.openTiers(ctx, c)
	}
	if err != nil {
		return fleet.Proof{}, err
	}
	o.watches.start(c)
	found := make([]string, len(c.regions))
	var group errgroup.Group
	for i, at := range c.regions {
		group.Go(func() error {
			health, err := o.ready.answer(ctx, c, at, since)
			if cordoned := (*cordonedError)(nil); errors.As(err, &cordoned) {
				found[i] = "its API server answers, " + at.Name + " still cordoned"
				return nil
			}
			if err == nil {
				err = storesOf(ctx, o.engine, c, at.Name, o.token).Mend(ctx)
			}
			found[i] = fmt.Sprintf("%s of %s answers, started %s", health.Replica, health.Region, health.Started.Local().Format("15:04:05.000"))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return fleet.Proof{}, fmt.Errorf("%s, but %w", done, err)
	}
	return o.out.prove("%s, %s", done, strings.Join(found, "; ")), nil
}

// revive starts or unpauses the node, whichever it needs, and returns what it did. since is the start by the engine's clock
// before which no answer counts, zero if any does.
func revive(ctx context.Context, e *host.Runtime, out reporter, weights *weights, c *cluster, region string) (done string, since time.Time, err error) {
	node, err := e.Inspect(ctx, c.container())
	if errors.Is(err, host.ErrNoContainer) {
		err = fmt.Errorf("its node was removed, and only a new one can take its place: end this drill, and bring the fleet up again, which makes what is missing: %w", err)
	}
	if err != nil {
		return "", since, err
	}
	weights.seen(c, node)
	switch {
	case node.State.Paused:
		out.commanded(region, "%s unpause %s", e.Name, c.node)
		if _, err := e.Run(ctx, host.ChangeWithin, "unpause", c.container()); err != nil && !host.Refused(err, "not paused") {
			return "", since, err
		}
		_, err = host.Await(ctx, e, c.container(), func(c host.Container) bool { return c.State.Running && !c.State.Paused })
		return "container unpaused", since, err
	case !node.State.Running:
		weights.lower(ctx, e, c) // a boot takes what those that serve need
		out.commanded(region, "%s start %s", e.Name, c.node)
		if _, err := e.Run(ctx, host.ChangeWithin, "start", c.container()); err != nil {
			return "", since, err
		}
		c.forgetAddresses()
		node, err = host.Await(ctx, e, c.container(), func(c host.Container) bool { return c.State.Running })
		return "container started again", node.State.StartedAt, err
	}
	return "container runs", since, nil
}

// storesOf is a region's, whose disks the agent in their pod has fail: a cluster has nothing that would. token is the fleet's.
func storesOf(ctx context.Context, e *host.Runtime, c *cluster, region, token string) gateway.Stores {
	address, _ := c.address(ctx, e, region, c.container()) // without one, the first question says so
	return gateway.StoresAt(address, region, token)
}
