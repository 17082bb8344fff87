package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// Up implements fleet.Fleet. The regions are made side by side; the image is built and
// loaded while kind starts the control planes.
func (f *Fleet) Up(ctx context.Context) error {
	ctx, end, err := f.begin(ctx)
	if err != nil {
		return fmt.Errorf("bring up %s: %w", f.cfg.Fleet.Name, err)
	}
	defer end()
	if err := f.up(ctx); err != nil {
		return fmt.Errorf("bring up %s: %w", f.cfg.Fleet.Name, err)
	}
	return nil
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
	if err := f.openRecord(ctx, e); err != nil {
		return err
	}
	if _, err := f.file.MakeDir(kubeconfigs); err != nil {
		return err
	}
	nodes := nodeImage(f.cfg.NodeImage)
	if err := f.prepare(drill.StageEntered{Stage: "node image", Index: 0, Of: 2, Detail: nodes}, func() error {
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

// openRecord takes the fleet: it joins the record of one that is there, or records a
// new one, unless a container has one of its names and is not ours.
func (f *Fleet) openRecord(ctx context.Context, e *Engine) error {
	file, err := record.Open(f.cfg.StateDir, f.cfg.Fleet.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := f.noStrangers(ctx, e, record.Record{}); err != nil {
			return err
		}
		file, err = record.Create(f.cfg.StateDir, record.Record{Fleet: f.cfg.Fleet, On: On, Made: f.cfg.Now()})
		if err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		known := file.Get()
		if known.On != On {
			return fmt.Errorf("%w: a fleet of that name is on record and runs on %s; take it down first with \"fleetdrill down %s\"", fleet.ErrExists, known.On, f.cfg.Fleet.Name)
		}
		if was, is := known.Fleet.RegionNames(), f.cfg.Fleet.RegionNames(); !sameNames(was, is) {
			return fmt.Errorf("%w: the fleet of that name that runs has regions %v and not %v; take it down first with \"fleetdrill down %s\"", fleet.ErrExists, was, is, f.cfg.Fleet.Name)
		}
		if err := f.noStrangers(ctx, e, known); err != nil {
			return err
		}
	}
	if err := f.take(file); err != nil {
		return err
	}
	// Links, users and datasets may have changed since; the regions are the same.
	return file.Update(func(r *record.Record) { r.Fleet = f.cfg.Fleet })
}

// take makes this process the one that drives the fleet.
func (f *Fleet) take(file *record.File) error {
	if err := file.Lock(); err != nil {
		return err
	}
	self, err := record.Self()
	if err == nil {
		err = file.Update(func(r *record.Record) { r.Owner = self })
	}
	if err != nil {
		file.Unlock()
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.file, f.refused = file, false
	return nil
}

// noStrangers refuses where a container has the name of one of our nodes and is not
// the one on record.
func (f *Fleet) noStrangers(ctx context.Context, e *Engine, known record.Record) error {
	for _, r := range f.regions {
		c, err := e.inspect(ctx, r.node)
		if errors.Is(err, errNoContainer) {
			continue
		}
		if err != nil {
			return fmt.Errorf("region %s: look whether its cluster is there: %w", r.name, err)
		}
		on := known.Cluster(r.name)
		if on == nil || !c.ours(on.Name, on.NodeContainerID, known.Made) {
			return fmt.Errorf("region %s: %w: container %s, and fleetdrill has no record of making it; if nobody needs it, remove it with \"kind delete cluster --name %s\"",
				r.name, fleet.ErrExists, r.node, r.cluster)
		}
	}
	return nil
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
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
	// kind writes the kubeconfig last, so without one the cluster is not whole.
	if _, err := os.Stat(f.kubeconfig(r)); err != nil {
		return nil, f.remove(ctx, e, r)
	}
	r.mu.Lock()
	r.id = c.ID
	r.mu.Unlock()
	return &c, nil
}
