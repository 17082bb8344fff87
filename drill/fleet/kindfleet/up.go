package kindfleet

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/image"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/kindcluster"
)

// Up implements fleet.Platform. The clusters are made side by side; the image is built and
// loaded while kind starts the control planes.
func (p *Platform) Up(ctx context.Context) error {
	ctx, end, err := p.upping.Begin(ctx)
	if err != nil {
		return fmt.Errorf("bring up %s: %w", p.cfg.Fleet.Name, err)
	}
	defer end()
	p.own.Begin()
	p.watches.open()
	err = p.up(ctx)
	if err != nil && p.own.Failed() {
		return fmt.Errorf("bring up %s: %w (it was there before and is %w; take it down with \"fleetdrill down %s\")", p.cfg.Fleet.Name, err, fleet.ErrLeft, p.cfg.Fleet.Name)
	}
	if err != nil {
		return fmt.Errorf("bring up %s: %w", p.cfg.Fleet.Name, err)
	}
	return nil
}

func (p *Platform) up(ctx context.Context) error {
	e, err := p.detected(ctx)
	if err != nil {
		return err
	}
	if err := image.CheckProgram(ctx, p.cfg.AgentBinary, e.Arch); err != nil {
		return err
	}
	complete, err := p.own.open(ctx, e, p.clusters)
	if err != nil {
		return err
	}
	file := p.own.File()
	if _, err := file.MakeDir(kubeconfigs); err != nil {
		return err
	}
	nodes, which := p.cfg.NodeImage, "every node is there"
	if !complete { // nodes that are there need no image, and who joins may be offline
		var found bool
		nodes, found = kindcluster.NodeImage(ctx, e, p.cfg.NodeImage)
		which = nodes
		if found {
			which += ", the newest that " + e.Name + " has"
		}
	}
	if err := p.out.stage(drill.StageEntered{Stage: "node image", Index: 0, Of: 2, Detail: which}, func() error {
		if complete {
			return nil
		}
		var own []string
		for _, c := range p.clusters {
			own = append(own, c.own)
		}
		return image.OfNodes(ctx, e, p.out.typed, nodes, own)
	}); err != nil {
		return err
	}

	group, together := errgroup.WithContext(ctx)
	built := &builtImages{done: make(chan struct{})}
	group.Go(func() error {
		defer close(built.done)
		return p.out.stage(drill.StageEntered{Stage: "agent image", Index: 1, Of: 2, Expected: 3 * time.Second}, func() error {
			return p.build(together, e, file.Dir(), built)
		})
	})
	turns := make(chan struct{}, p.parallel())
	for _, c := range p.clusters {
		group.Go(func() error {
			if err := p.upCluster(together, e, c, nodes, built, turns); err != nil {
				return fmt.Errorf("region %s: %w", c.first(), err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return p.findRelays(ctx, e)
}

func (p *Platform) parallel() int {
	if p.cfg.Parallel > 0 {
		return p.cfg.Parallel
	}
	return len(p.clusters)
}

// builtImages is the agent's image once it is built, and the store's, which is
// another where a dataset needs PostgreSQL.
type builtImages struct {
	done  chan struct{}
	agent image.Image
	store image.Image
}

func (p *Platform) build(ctx context.Context, e *host.Runtime, dir string, built *builtImages) (err error) {
	if built.agent, err = image.OfAgent(ctx, p.cfg.AgentBinary, e.Arch, dir); err != nil {
		return err
	}
	built.store = built.agent
	if image.UsesPostgres(p.cfg.Fleet) {
		built.store, err = image.OfStore(ctx, e, p.out.typed, p.cfg.PostgresImage, p.cfg.AgentBinary, dir)
	}
	return err
}

// upCluster brings one cluster from whatever it is to where all its regions serve.
func (p *Platform) upCluster(ctx context.Context, e *host.Runtime, c *cluster, nodes string, built *builtImages, turns chan struct{}) error {
	file := p.own.File()
	b := &bringUp{
		cluster: c, engine: e, file: file, out: p.out, watches: p.watches, first: p.governing, weights: p.weights, nodes: nodes, built: built,
		ready:  p.readiness(e),
		web:    p.cfg.Fleet.Web,
		fleet:  p.cfg.Fleet,
		beside: min(p.parallel(), len(p.clusters)),
	}
	defer p.weights.raise(ctx, e, c)
	found, err := findNode(ctx, e, c, file)
	if err != nil {
		return err
	}
	if found {
		err = b.join(ctx)
	} else {
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		err = b.make(ctx)
		<-turns
	}
	if err != nil {
		return err
	}
	api, err := c.connect()
	if err != nil {
		return err
	}
	p.watches.stop(c)
	group, together := errgroup.WithContext(ctx)
	for _, at := range c.regions {
		group.Go(func() error { return b.serve(together, api, at, at.Wants(p.web.Of(at.Name))) })
	}
	return group.Wait()
}
