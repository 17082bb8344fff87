package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// The stages of a region's bring-up, in order.
const (
	stageCreate = iota
	stageLoad
	stageApply
	stageWait
)

var stageNames = [...]string{"create cluster", "load image", "apply workload", "wait for web"}

// What each stage takes, in processor seconds (work) and at least on the clock
// (floor). Creating a cluster took 36 processor seconds of its node (cpuacct, two
// cores, Kubernetes 1.37.2) and 20 s alone; loading 3.5 s and waiting 20 s alone, of
// which the work is an estimate. A fleet's regions share the engine's processors.
var stageCost = [...]struct{ work, floor time.Duration }{
	stageCreate: {36 * time.Second, 20 * time.Second},
	stageLoad:   {4 * time.Second, 3500 * time.Millisecond},
	stageApply:  {time.Second, time.Second},
	stageWait:   {20 * time.Second, 20 * time.Second},
}

// expected is about how long a stage takes when that many regions come up at once.
func expected(stage, regions, cpus int) time.Duration {
	cost := stageCost[stage]
	return max(cost.floor, cost.work*time.Duration(regions)/time.Duration(max(cpus, 1)))
}

// bringUp is one region on its way up.
type bringUp struct {
	*Fleet
	engine *host.Runtime
	region *region
	nodes  string
	built  *buildOnce
	// since is when a node that was down was started again, by its own clock: what
	// its API server says of pods from before that is no longer true.
	since time.Time
}

func (b *bringUp) report(stage int, status drill.StageStatus, detail string) {
	b.cfg.Report(drill.StageEntered{
		Region: b.region.name, Stage: stageNames[stage], Index: stage, Of: len(stageNames), Status: status, Detail: detail,
		Expected: expected(stage, min(b.parallel(), len(b.regions)), b.engine.CPUs),
	})
}

// end reports how a stage ended and hands its error on.
func (b *bringUp) end(stage int, err error) error {
	switch {
	case err == nil:
		b.report(stage, drill.StageDone, "")
	case errors.Is(err, context.Canceled):
		b.report(stage, drill.StageFailed, "interrupted")
	default:
		b.report(stage, drill.StageFailed, err.Error())
	}
	return err
}

// make creates the cluster, and loads the image as soon as there is a node to load
// it into.
func (b *bringUp) make(ctx context.Context) error {
	r := b.region
	// On record before it is there, so that whatever happens Down knows of it.
	err := b.file.Update(func(rec *record.Record) {
		rec.SetCluster(record.Cluster{Region: r.name, Name: r.cluster, Kubeconfig: b.kubeconfig(r)})
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	loaded := make(chan error, 1)
	loading := false
	b.report(stageCreate, drill.StageRunning, "")
	err = b.create(ctx, b.engine, r, b.nodes, func(name string, done bool) {
		if !done {
			b.report(stageCreate, drill.StageRunning, name)
		}
		if !done || loading || name != nodesMade {
			return
		}
		loading = true
		go func() {
			err := b.note(ctx)
			if err == nil {
				err = b.load(ctx)
			}
			if err != nil {
				cancel(err)
			}
			loaded <- err
		}()
	})
	if loading {
		if cause := <-loaded; cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause
		}
	}
	if err = b.end(stageCreate, err); err != nil {
		return err
	}
	if loading {
		return nil
	}
	// A kind that names its stages otherwise.
	if err := b.note(ctx); err != nil {
		return err
	}
	return b.load(ctx)
}

// note records which container the node is.
func (b *bringUp) note(ctx context.Context) error {
	r := b.region
	c, err := b.engine.Inspect(ctx, r.node)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.id = c.ID
	r.mu.Unlock()
	return b.file.Update(func(rec *record.Record) {
		if on := rec.Cluster(r.name); on != nil {
			on.NodeContainerID = c.ID
		}
	})
}

// join starts or thaws a cluster that is there, and lifts its cordon: Up promises a
// region that serves.
func (b *bringUp) join(ctx context.Context) error {
	r := b.region
	b.report(stageCreate, drill.StageRunning, "is there, joining")
	err := func() error {
		done, since, err := b.revive(ctx, b.engine, r)
		if err != nil {
			return err
		}
		b.since = since
		r.setFault("")
		b.report(stageCreate, drill.StageRunning, done)
		k, err := b.kubeOf(r)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, b.cfg.ReadyWithin)
		defer cancel()
		for !k.answersNow(ctx, r.node) {
			if !pause(ctx, lookEvery/2) {
				return fmt.Errorf("its API server did not answer: %w; look with \"%s get nodes\" and \"%s logs %s\"", ctx.Err(), b.kubectl(r), b.engine.Name, r.node)
			}
		}
		return k.setUnschedulable(ctx, r.node, false)
	}()
	if err = b.end(stageCreate, err); err != nil {
		return err
	}
	return b.load(ctx)
}

func (b *bringUp) load(ctx context.Context) error {
	b.report(stageLoad, drill.StageRunning, "")
	select {
	case <-b.built.done:
	case <-ctx.Done():
		return b.end(stageLoad, ctx.Err())
	}
	if b.built.store.Tag == "" {
		return b.end(stageLoad, errors.New("the agent's image could not be built"))
	}
	err := b.Fleet.load(ctx, b.engine, b.region, b.built.image)
	if err == nil && b.built.store.Tag != b.built.image.Tag {
		err = b.Fleet.load(ctx, b.engine, b.region, b.built.store)
	}
	return b.end(stageLoad, err)
}

func (b *bringUp) apply(ctx context.Context) error {
	r := b.region
	b.report(stageApply, drill.StageRunning, "")
	return b.end(stageApply, func() error {
		objects, err := workload(r.name, b.cfg.Fleet.Web, b.built.image, b.built.store, b.Token())
		if err != nil {
			return err
		}
		k, err := b.kubeOf(r)
		if err != nil {
			return err
		}
		b.commanded(r.name, "%s apply --server-side --field-manager %s -f kindconfigs/manifests/", b.kubectl(r), fieldManager)
		// An API server that has just started refuses now and then.
		bounded, cancel := context.WithTimeout(ctx, b.cfg.ReadyWithin)
		defer cancel()
		for {
			if err = apply(bounded, k.dynamic, objects); err == nil {
				return nil
			}
			if lasting(err) || !pause(bounded, lookEvery/2) {
				return err
			}
		}
	}())
}

func (b *bringUp) wait(ctx context.Context) error {
	r := b.region
	b.report(stageWait, drill.StageRunning, "")
	b.watchRegion(r)
	last := ""
	err := b.awaitPods(ctx, r, b.since, func(how string) {
		if how != last {
			last = how
			b.report(stageWait, drill.StageRunning, how)
		}
	})
	if err == nil {
		_, err = b.awaitAnswer(ctx, r, b.since)
	}
	return b.end(stageWait, err)
}
