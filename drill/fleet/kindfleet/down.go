package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// lateWithin is how long Down looks for a node that is on record but not there: a
// "docker run" that outlived a fleetdrill which was killed ends within this time.
const lateWithin = 3 * time.Second

// removeTries is how often a node's removal is sent; each takes the engine up to 12 s
// to give up.
const removeTries = 4

// Down implements fleet.Platform. It works by the record alone, so it takes down what
// another process of fleetdrill left, finished or not. Networks and node images stay;
// they are kind's. After an Up that was refused, or failed on a fleet that was there
// before, it does nothing: what is there then is not this process's to remove.
func (f *Fleet) Down(ctx context.Context) error {
	f.endUp()
	f.stopWatching()
	if f.leftAlone() {
		return nil
	}
	if err := f.down(ctx); err != nil {
		return fmt.Errorf("take down %s: %w", f.cfg.Fleet.Name, err)
	}
	return nil
}

// leftAlone says that the fleet is not this process's to remove, and gives it up.
func (f *Fleet) leftAlone() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refused && f.file != nil {
		f.file.Unlock()
		f.file, f.made = nil, false
	}
	return f.refused
}

// endUp ends an Up that is under way and waits for it.
func (f *Fleet) endUp() {
	f.mu.Lock()
	u := f.upping
	f.mu.Unlock()
	if u != nil {
		u.cancel()
		<-u.done
	}
}

func (f *Fleet) down(ctx context.Context) error {
	file, err := f.recorded()
	if errors.Is(err, fs.ErrNotExist) {
		return record.Clear(f.cfg.StateDir, f.cfg.Fleet.Name)
	}
	if err != nil {
		return err
	}
	known := file.Get()
	if known.On != On {
		return fmt.Errorf("the fleet of that name on record runs on %s", known.On)
	}
	if len(known.Clusters) > 0 {
		e, err := f.detected(ctx)
		if err != nil {
			return fmt.Errorf("%w; its %d clusters stay on record, try again once the engine answers", err, len(known.Clusters))
		}
		var group errgroup.Group
		for _, c := range known.Clusters {
			group.Go(func() error { return f.downCluster(ctx, e, known, c) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.file, f.made = nil, false
	for _, r := range f.regions {
		r.forget()
	}
	return file.Remove()
}

// recorded is the fleet's record, taken for this process.
func (f *Fleet) recorded() (*record.File, error) {
	f.mu.Lock()
	file := f.file
	f.mu.Unlock()
	if file != nil {
		return file, nil
	}
	file, err := record.Open(f.cfg.StateDir, f.cfg.Fleet.Name)
	if err != nil {
		return nil, err
	}
	return file, f.take(file, false)
}

func (f *Fleet) downCluster(ctx context.Context, e *Engine, known record.Record, c record.Cluster) error {
	report := func(status drill.StageStatus, detail string) {
		f.cfg.Report(drill.StageEntered{Region: c.Region, Stage: "delete cluster", Of: 1, Status: status, Detail: detail, Expected: 4 * time.Second})
	}
	report(drill.StageRunning, "")
	f.commanded(c.Region, "kind delete cluster --name %s --kubeconfig %s", c.Name, c.Kubeconfig)
	late := time.Duration(0)
	if c.NodeContainerID == "" {
		late = lateWithin
	}
	if err := removeNode(ctx, e, c, known.Made, late); err != nil {
		report(drill.StageFailed, err.Error())
		return fmt.Errorf("region %s: %w", c.Region, err)
	}
	report(drill.StageDone, "")
	return nil
}

// remove takes the region's node away, by its record.
func (f *Fleet) remove(ctx context.Context, e *Engine, r *region) error {
	known := f.file.Get()
	c := known.Cluster(r.name)
	if c == nil {
		return nil
	}
	return removeNode(ctx, e, *c, known.Made, 0)
}

// removeNode removes the container of a recorded cluster and its volumes, and waits
// until it is gone. A container of the name that is not the recorded one is left
// alone: ours is gone then. Late is how long one that is missing is looked for.
func removeNode(ctx context.Context, e *Engine, on record.Cluster, made time.Time, late time.Duration) error {
	name := on.NodeContainerID
	if name == "" {
		name = on.Name + "-control-plane"
	}
	until, tries := time.Now().Add(late), 1
	for {
		c, err := e.inspect(ctx, name)
		switch {
		case err == nil && !c.ours(on.Name, on.NodeContainerID, made):
			return nil
		case err == nil:
			// By id, so that the name can't have passed to another since.
			err := e.unwedged(ctx, c.ID, func() error {
				_, err := e.run(ctx, removeWithin, "rm", "--force", "--volumes", c.ID)
				return err
			})
			// A busy engine gives up on a node that ends a moment later: look and try again.
			again := said(err, "did not receive an exit event") && tries < removeTries
			if err != nil && !again && !said(err, "no such container", "already in progress") {
				return fmt.Errorf("remove %s: %w", on.Name, err)
			}
			tries++
			until = time.Now() // there is no other to wait for
		case !errors.Is(err, errNoContainer):
			return fmt.Errorf("remove %s: %w", on.Name, err)
		case !time.Now().Before(until):
			return nil
		}
		if !pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("remove %s: %w", on.Name, ctx.Err())
		}
	}
}

// forget drops what was known of a region that is gone.
func (r *region) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.id, r.address, r.kube, r.fault = "", "", nil, ""
}
