package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/removal"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// lateWithin is how long Down looks for a node that is on record but not there: a
// "docker run" that outlived a fleetdrill which was killed ends within this time.
const lateWithin = 3 * time.Second

// Down implements fleet.Platform. It works by the record alone, so it takes down what
// another process of fleetdrill left, finished or not. Networks and node images stay;
// they are kind's. After an Up that was refused, or failed on a fleet that was there
// before, it does nothing: what is there then is not this process's to remove.
func (p *Platform) Down(ctx context.Context) error {
	p.upping.Stop()
	p.watches.stopAll()
	if p.own.LeftAlone() {
		p.own.Release()
		return nil
	}
	if err := p.down(ctx); err != nil {
		return fmt.Errorf("take down %s: %w", p.cfg.Fleet.Name, err)
	}
	return nil
}

func (p *Platform) down(ctx context.Context) error {
	file, err := p.own.openForDown()
	if errors.Is(err, fs.ErrNotExist) {
		return record.Clear(p.cfg.StateDir, p.cfg.Fleet.Name)
	}
	if err != nil {
		return err
	}
	known := file.Get()
	if known.On != On {
		return fmt.Errorf("the fleet of that name on record runs on %s", known.On)
	}
	if len(known.Clusters) > 0 {
		e, err := p.detected(ctx)
		if err != nil {
			return fmt.Errorf("%w; its %d clusters stay on record, try again once the engine answers", err, len(known.Clusters))
		}
		var group errgroup.Group
		for _, c := range known.Clusters {
			group.Go(func() error { return downCluster(ctx, e, p.out, known.Made, c) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	for _, c := range p.clusters {
		c.forget()
	}
	return p.own.Remove()
}

func downCluster(ctx context.Context, e *host.Runtime, out reporter, made time.Time, c record.Cluster) error {
	report := func(status drill.StageStatus, detail string) {
		for _, region := range c.RegionNames() {
			out.to(drill.StageEntered{Region: region, Stage: "delete cluster", Of: 1, Status: status, Detail: detail, Expected: 4 * time.Second})
		}
	}
	report(drill.StageRunning, "")
	out.commanded(c.Region, "kind delete cluster --name %s --kubeconfig %s", c.Name, c.Kubeconfig)
	late := time.Duration(0)
	if c.NodeContainerID == "" {
		late = lateWithin
	}
	if err := removal.Nodes(ctx, e, c, made, late); err != nil {
		report(drill.StageFailed, err.Error())
		return fmt.Errorf("region %s: %w", c.Region, err)
	}
	report(drill.StageDone, "")
	return nil
}

// remove takes the cluster's node away, by its record.
func remove(ctx context.Context, e *host.Runtime, file *record.File, c *cluster) error {
	known := file.Get()
	on := known.Cluster(c.first())
	if on == nil {
		return nil
	}
	return removal.Nodes(ctx, e, *on, known.Made, 0)
}

// findNode looks for the cluster's node. One that was never finished is removed, and is
// not found then.
func findNode(ctx context.Context, e *host.Runtime, c *cluster, file *record.File) (found bool, err error) {
	node, err := e.Inspect(ctx, c.node)
	if errors.Is(err, host.ErrNoContainer) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !c.finished() {
		return false, remove(ctx, e, file, c)
	}
	c.setContainer(node.ID)
	return true, nil
}
