package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// Up implements fleet.Platform. The regions are made side by side; the image is built and
// loaded while kind starts the control planes.
func (f *Fleet) Up(ctx context.Context) error {
	ctx, end, err := f.begin(ctx)
	if err != nil {
		return fmt.Errorf("bring up %s: %w", f.cfg.Fleet.Name, err)
	}
	defer end()
	err = f.up(ctx)
	if err != nil && f.left() {
		return fmt.Errorf("bring up %s: %w (it was there before and is %w; take it down with \"fleetdrill down %s\")", f.cfg.Fleet.Name, err, fleet.ErrLeft, f.cfg.Fleet.Name)
	}
	if err != nil {
		return fmt.Errorf("bring up %s: %w", f.cfg.Fleet.Name, err)
	}
	return nil
}

// left notes that an Up failed, and says whether it was on a fleet that this process
// had joined: Down must not take that away.
func (f *Fleet) left() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	joined := f.file != nil && !f.made
	f.refused = f.refused || joined
	return joined
}

// begin notes that an Up is under way, so that Down can end it.
func (f *Fleet) begin(ctx context.Context) (context.Context, func(), error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.upping != nil {
		return nil, nil, errors.New("it is being brought up already")
	}
	ctx, cancel := context.WithCancel(ctx)
	u := &upping{cancel: cancel, done: make(chan struct{})}
	f.upping, f.closed, f.refused = u, false, f.file == nil
	return ctx, func() {
		cancel()
		f.mu.Lock()
		f.upping = nil
		f.mu.Unlock()
		close(u.done)
	}, nil
}

func (f *Fleet) up(ctx context.Context) error {
	e, err := f.detected(ctx)
	if err != nil {
		return err
	}
	if err := checkAgent(f.cfg.AgentBinary, e.Arch); err != nil {
		return err
	}
	whole, err := f.openRecord(ctx, e)
	if err != nil {
		return err
	}
	if _, err := f.file.MakeDir(kubeconfigs); err != nil {
		return err
	}
	nodes := nodeImage(f.cfg.NodeImage)
	if err := f.prepare(drill.StageEntered{Stage: "node image", Index: 0, Of: 2, Detail: nodes}, func() error {
		if whole { // nodes that are there need no image, and who joins may be offline
			return nil
		}
		return f.pull(ctx, e, nodes)
	}); err != nil {
		return err
	}

	group, together := errgroup.WithContext(ctx)
	built := &buildOnce{done: make(chan struct{})}
	group.Go(func() error {
		defer close(built.done)
		return f.prepare(drill.StageEntered{Stage: "agent image", Index: 1, Of: 2, Expected: 3 * time.Second}, func() (err error) {
			if built.image, err = buildImage(f.cfg.AgentBinary, e.Arch, f.file.Dir()); err != nil {
				return err
			}
			built.store = built.image
			if usesPostgres(f.cfg.Fleet) {
				built.store, err = f.buildPostgresImage(together, e, f.file.Dir())
			}
			return err
		})
	})
	turns := make(chan struct{}, f.parallel())
	for _, r := range f.regions {
		group.Go(func() error {
			if err := f.upRegion(together, e, r, nodes, built, turns); err != nil {
				return fmt.Errorf("region %s: %w", r.name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return f.findRelays(ctx, e)
}

func (f *Fleet) parallel() int {
	if f.cfg.Parallel > 0 {
		return f.cfg.Parallel
	}
	return len(f.regions)
}

// buildOnce is the agent's image once it is built, and the store's, which is
// another where a dataset needs PostgreSQL.
type buildOnce struct {
	done  chan struct{}
	image agentImage
	store agentImage
}

// prepare reports a stage of the whole fleet.
func (f *Fleet) prepare(s drill.StageEntered, do func() error) error {
	s.Status = drill.StageRunning
	f.cfg.Report(s)
	err := do()
	s.Status = drill.StageDone
	if err != nil {
		s.Status, s.Detail = drill.StageFailed, err.Error()
	}
	f.cfg.Report(s)
	return err
}

// upRegion brings one region from whatever it is to serving.
func (f *Fleet) upRegion(ctx context.Context, e *Engine, r *region, nodes string, built *buildOnce, turns chan struct{}) error {
	b := &bringUp{Fleet: f, engine: e, region: r, nodes: nodes, built: built}
	c, err := f.half(ctx, e, r)
	if err != nil {
		return err
	}
	if c == nil {
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		err = b.make(ctx)
		<-turns
	} else {
		err = b.join(ctx)
	}
	if err != nil {
		return err
	}
	if err := b.apply(ctx); err != nil {
		return err
	}
	return b.wait(ctx)
}

// half looks for the region's node. One that is not there, or was never finished and
// is removed, is nil.
func (f *Fleet) half(ctx context.Context, e *Engine, r *region) (*container, error) {
	c, err := e.inspect(ctx, r.node)
	if errors.Is(err, errNoContainer) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !f.finished(r) {
		return nil, f.remove(ctx, e, r)
	}
	r.mu.Lock()
	r.id = c.ID
	r.mu.Unlock()
	return &c, nil
}
