// Package removal removes the nodes of kind clusters that are on record, and nothing else.
package removal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// ClusterLabel is the label by which kind knows its nodes.
const ClusterLabel = "io.x-k8s.kind.cluster"

// Ours reports whether the container is the node that is on record. Where no id
// could be recorded (fleetdrill died while kind was making the node), it has to
// carry the cluster's label and to be no older than the record.
func Ours(c host.Container, cluster, id string, recorded time.Time) bool {
	// skew is how far the engine's clock may be off in a virtual machine that slept.
	const skew = time.Minute
	if c.Config.Labels[ClusterLabel] != cluster {
		return false
	}
	if id != "" {
		return c.ID == id
	}
	return c.Created.After(recorded.Add(-skew))
}

// removeTries is how often a node's removal is sent; each takes the engine up to 12 s
// to give up.
const removeTries = 4

// Nodes removes every node of a recorded cluster.
func Nodes(ctx context.Context, e *host.Runtime, on record.Cluster, made time.Time, late time.Duration) error {
	names, each := on.Nodes()
	var group errgroup.Group
	for i, one := range each {
		group.Go(func() error { return removeNode(ctx, e, one, names[i], made, late) })
	}
	return group.Wait()
}

// removeNode removes the container of a recorded cluster and its volumes, and waits
// until it is gone. A container of the name that is not the recorded one is left
// alone: ours is gone then. Late is how long one that is missing is looked for.
func removeNode(ctx context.Context, e *host.Runtime, on record.Cluster, node string, made time.Time, late time.Duration) error {
	name := on.NodeContainerID
	if name == "" {
		name = node
	}
	until, tries := time.Now().Add(late), 1
	for {
		c, err := e.Inspect(ctx, name)
		switch {
		case err == nil && !Ours(c, on.Name, on.NodeContainerID, made):
			return removeVolumes(ctx, e, on)
		case err == nil:
			// By id, so that the name can't have passed to another since.
			err := e.ThawFrozen(ctx, c.ID, func() error {
				_, err := e.Run(ctx, host.RemoveWithin, "rm", "--force", "--volumes", c.ID)
				return err
			})
			// A busy engine gives up on a node that ends a moment later: look and try again.
			again := host.Refused(err, "did not receive an exit event") && tries < removeTries
			if err != nil && !again && !host.Refused(err, "no such container", "already in progress") {
				return fmt.Errorf("remove %s: %w", on.Name, err)
			}
			if err == nil {
				on.Volumes = nil // they went with it
			}
			tries++
			until = time.Now() // there is no other to wait for
		case !errors.Is(err, host.ErrNoContainer):
			return fmt.Errorf("remove %s: %w", on.Name, err)
		case !time.Now().Before(until):
			return removeVolumes(ctx, e, on)
		}
		if !pause.For(ctx, 50*time.Millisecond) {
			return fmt.Errorf("remove %s: %w", on.Name, ctx.Err())
		}
	}
}

// removeVolumes removes what a node has left that somebody else has removed; ours goes with
// its volumes.
func removeVolumes(ctx context.Context, e *host.Runtime, on record.Cluster) error {
	for _, v := range on.Volumes {
		if err := e.RemoveVolume(ctx, v); err != nil {
			return fmt.Errorf("remove volume %s of %s: %w", v, on.Name, err)
		}
	}
	return nil
}
