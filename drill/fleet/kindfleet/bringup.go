package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/image"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/kindcluster"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// bringUp is one cluster and its regions on their way up.
type bringUp struct {
	cluster *cluster
	engine  *host.Runtime
	file    *record.File
	out     reporter
	watches *watches
	first   governing
	weights *weights
	ready   readiness
	web     topology.Web
	fleet   topology.Fleet
	nodes   string // their image
	built   *builtImages
	beside  int // how many clusters come up at once
	// since is when a node that was down was started again, by its own clock: what
	// its API server says of pods from before that is no longer true.
	since time.Time
}

// report reports a stage of regions: of all that the cluster has, or of one.
func (b *bringUp) report(stage int, status drill.StageStatus, detail string, regions ...string) {
	for _, r := range regions {
		b.out.to(drill.StageEntered{
			Region: r, Stage: kindcluster.StageNames[stage], Index: stage, Of: len(kindcluster.StageNames), Status: status, Detail: detail,
			Expected: kindcluster.Expected(stage, b.beside, b.engine.CPUs),
		})
	}
}

// end reports how a stage ended and hands its error on.
func (b *bringUp) end(stage int, err error, regions ...string) error {
	switch {
	case err == nil:
		b.report(stage, drill.StageDone, "", regions...)
	case errors.Is(err, context.Canceled):
		b.report(stage, drill.StageFailed, "interrupted", regions...)
	default:
		b.report(stage, drill.StageFailed, err.Error(), regions...)
	}
	return err
}

// make creates the cluster, and loads the image as soon as there is a node that can take
// it.
func (b *bringUp) make(ctx context.Context) error {
	c := b.cluster
	// On record before it is there, so that whatever happens Down knows of it.
	if err := b.file.Update(func(rec *record.Record) { rec.SetCluster(c.onRecord()) }); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	loaded := make(chan error, 1)
	loading := false
	written := make(chan struct{})
	configured := sync.OnceFunc(func() { close(written) })
	b.report(kindcluster.StageCreate, drill.StageRunning, "", c.names()...)
	b.out.commanded(c.first(), "kind create cluster --name %s --image %s --kubeconfig %s", c.name, b.nodes, c.kubeconfig)
	err := kindcluster.Create(ctx, b.engine, c.spec(b.nodes), b.out.log.With("region", c.first()), func(name string, done bool) {
		if !done {
			b.report(kindcluster.StageCreate, drill.StageRunning, name, c.names()...)
		}
		if done && name == kindcluster.ConfigWritten {
			configured()
		}
		if !done || loading || name != kindcluster.NodesMade {
			return
		}
		loading = true
		go func() {
			err := b.recordNode(ctx)
			select {
			case <-written:
			case <-ctx.Done():
			}
			if err == nil {
				err = b.load(ctx)
			}
			if err != nil {
				cancel(err)
			}
			loaded <- err
		}()
	}, func(ctx context.Context) error { return remove(ctx, b.engine, b.file, c) })
	configured()
	if loading {
		if cause := <-loaded; cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause
		}
	}
	if err = b.end(kindcluster.StageCreate, err, c.names()...); err != nil {
		return err
	}
	if loading {
		return err
	}
	return b.load(ctx)
}

// recordNode records which container the node is.
func (b *bringUp) recordNode(ctx context.Context) error {
	node, err := b.engine.Inspect(ctx, b.cluster.node)
	if err != nil {
		return err
	}
	b.cluster.setContainer(node.ID)
	b.weights.seen(b.cluster, node)
	b.weights.lower(ctx, b.engine, b.cluster)
	workers := make([]host.Container, len(b.cluster.workers))
	for i, w := range b.cluster.workers {
		if workers[i], err = b.engine.Inspect(ctx, w.node); err != nil {
			return err
		}
	}
	return b.file.Update(func(rec *record.Record) {
		on := rec.Cluster(b.cluster.first())
		if on == nil {
			return
		}
		on.NodeContainerID, on.Volumes = node.ID, node.Volumes()
		for i := range on.Workers {
			on.Workers[i].ContainerID, on.Workers[i].Volumes = workers[i].ID, workers[i].Volumes()
		}
	})
}

// join starts or thaws a cluster that is there, and lifts its regions' cordons: Up
// promises regions that serve.
func (b *bringUp) join(ctx context.Context) error {
	c := b.cluster
	b.report(kindcluster.StageCreate, drill.StageRunning, "is there, joining", c.names()...)
	err := func() error {
		done, since, err := revive(ctx, b.engine, b.out, b.weights, c, c.first())
		if err != nil {
			return err
		}
		b.since = since
		o := execution{engine: b.engine, out: b.out, region: c.first()}
		if err := o.eachWorker(c, func(w worker) error { _, err := o.reviveWorker(ctx, w); return err }); err != nil {
			return err
		}
		// A drill that is over may have taken it away.
		if _, err := b.engine.Run(ctx, host.ChangeWithin, "exec", c.container(), "sh", "-c", kindcluster.GiveAPI(kindcluster.KubernetesDir)); err != nil {
			return fmt.Errorf("give the API server back: %w", err)
		}
		c.setFault("")
		c.setBroken("", false)
		c.keep(&c.noAPI, false)
		c.keep(&c.closed, false)
		b.report(kindcluster.StageCreate, drill.StageRunning, done, c.names()...)
		api, err := c.connect()
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, b.ready.within)
		defer cancel()
		if !api.AwaitAPI(ctx, c.node) {
			return fmt.Errorf("its API server did not answer: %w; look with \"%s get nodes\" and \"%s logs %s\"", ctx.Err(), c.kubectl(), b.engine.Name, c.node)
		}
		for _, at := range c.regions {
			if _, err := api.SetCordoned(ctx, at, false); err != nil {
				return err
			}
			// The workload, which is applied next, says how many web pods there are to be.
			if err := api.ForgetClosed(ctx, at); err != nil {
				return err
			}
		}
		return nil
	}()
	if err = b.end(kindcluster.StageCreate, err, c.names()...); err != nil {
		return err
	}
	return b.load(ctx)
}

func (b *bringUp) load(ctx context.Context) error {
	all := b.cluster.names()
	b.report(kindcluster.StageLoad, drill.StageRunning, "", all...)
	select {
	case <-b.built.done:
	case <-ctx.Done():
		return b.end(kindcluster.StageLoad, ctx.Err(), all...)
	}
	if b.built.store.Tag == "" {
		return b.end(kindcluster.StageLoad, errors.New("the agent's image could not be built"), all...)
	}
	err := b.loadImage(ctx, b.built.agent)
	if err == nil && b.built.store.Tag != b.built.agent.Tag {
		err = b.loadImage(ctx, b.built.store)
	}
	return b.end(kindcluster.StageLoad, err, all...)
}

func (b *bringUp) loadImage(ctx context.Context, built image.Image) error {
	b.out.commanded(b.cluster.first(), "kind load image-archive %s --name %s", built.Archive, b.cluster.name)
	return kindcluster.Load(ctx, b.engine, b.cluster.name, built.Tag, built.Archive)
}

// serve applies a region's workload and waits until it serves.
func (b *bringUp) serve(ctx context.Context, api *kube.Cluster, at kube.Region, wanted []kube.Wanted) error {
	b.report(kindcluster.StageApply, drill.StageRunning, "", at.Name)
	if err := b.end(kindcluster.StageApply, b.apply(ctx, api, at), at.Name); err != nil {
		return err
	}
	defer b.first.Begin(ctx, at.Name, b.first.Objects)() // beside what is waited for
	b.report(kindcluster.StageWait, drill.StageRunning, "", at.Name)
	b.watches.startRegion(b.cluster, at)
	last := ""
	err := b.ready.pods(ctx, b.cluster, at, wanted, b.since, func(how string) {
		if how != last {
			last = how
			b.report(kindcluster.StageWait, drill.StageRunning, how, at.Name)
		}
	})
	if err == nil {
		_, err = b.ready.answer(ctx, b.cluster, at, b.since)
	}
	if err == nil { // a drill that is over may have had its disks fail
		err = storesOf(ctx, b.engine, b.cluster, at.Name, b.file.Get().Token).Mend(ctx)
	}
	return b.end(kindcluster.StageWait, err, at.Name)
}

func (b *bringUp) apply(ctx context.Context, api *kube.Cluster, at kube.Region) error {
	work := kube.Workload{
		Region: at, Replicas: b.watches.web.Of(at.Name), Web: b.web, Agent: b.built.agent.Image, Store: b.built.store.Image, Token: b.file.Get().Token, ID: topology.GatewayID(b.fleet, at.Name),
		Imports:  b.fleet.DiscoveryOf(at.Name).Kind == topology.DiscoveryFleet,
		Governed: b.watches.web.Governs(at.Name),
	}
	if work.Governed {
		work.Fenced = b.fleet.Config.Fenced
		web, err := work.WebTier()
		if err != nil {
			return err
		}
		b.cluster.setWeb(at.Name, web.Object)
	}
	objects, err := work.Objects()
	if err != nil {
		return err
	}
	b.out.commanded(at.Name, "%s apply --server-side --field-manager %s -f kindconfigs/manifests/", b.cluster.kubectl(), kube.FieldManager)
	// An API server that has just started refuses now and then.
	bounded, cancel := context.WithTimeout(ctx, b.ready.within)
	defer cancel()
	for {
		if err = api.Apply(bounded, objects); err == nil {
			return nil
		}
		if kube.Lasting(err) || !pause.For(bounded, lookEvery) {
			return err
		}
	}
}
