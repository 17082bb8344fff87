package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// stores is the region's replicas of the datasets, as the topology places them.
type stores struct {
	region   string
	run      string
	data     string
	engines  Engines
	upstream store.Upstream
	clock    func() time.Duration
	logger   *slog.Logger

	applying sync.Mutex // one topology at a time

	mu      sync.RWMutex
	version uint64 // of the topology that holds in full
	open    map[string]Replica
	closed  bool
}

func newStores(c Config, upstream store.Upstream) *stores {
	return &stores{
		region: c.Region, run: c.Run, data: c.Data, engines: c.Engines, upstream: upstream,
		clock: c.Clock, logger: c.Logger, open: map[string]Replica{},
	}
}

// PutTopology opens a replica of each dataset that the region holds, tells each
// its mode and regions, and closes those that the region holds no more (their
// files stay). The version counts as held only once all of that was done.
func (s *stores) PutTopology(ctx context.Context, t wire.Topology) (wire.RegionStatus, error) {
	s.applying.Lock()
	defer s.applying.Unlock()
	s.hold(0)
	var errs []error
	held := map[string]bool{}
	for _, p := range t.Datasets {
		if !slices.Contains(p.Dataset.Regions, s.region) {
			continue
		}
		held[p.Dataset.Name] = true
		r, err := s.ensure(p)
		if err == nil {
			err = r.Configure(ctx, p.Dataset)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("place dataset %s in %s: %w", p.Dataset.Name, s.region, err))
		}
	}
	errs = append(errs, s.drop(held))
	if err := errors.Join(errs...); err != nil {
		return wire.RegionStatus{}, err
	}
	s.hold(t.Version)
	return s.Status(ctx)
}

func (s *stores) hold(version uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = version
}

// ensure opens the replica unless it is open. The caller holds applying.
func (s *stores) ensure(p wire.Placement) (Replica, error) {
	name := p.Dataset.Name
	if r, err := s.replica(name); err == nil {
		return r, nil
	}
	open, ok := s.engines[p.Dataset.Engine]
	if !ok {
		return nil, fmt.Errorf("engine %q is none of %v: %w", p.Dataset.Engine, slices.Sorted(maps.Keys(s.engines)), wire.ErrBad)
	}
	r, err := open(Opening{
		Dir: filepath.Join(s.data, name), Dataset: name, Region: s.region, Run: s.run,
		Upstream: s.upstream, Clock: s.clock, Logger: s.logger.With("dataset", name),
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.Join(errors.New("the agent is stopping"), r.Close())
	}
	s.open[name] = r
	return r, nil
}

// drop closes the replicas that are not held.
func (s *stores) drop(held map[string]bool) error {
	s.mu.Lock()
	var gone []Replica
	for name, r := range s.open {
		if !held[name] {
			gone = append(gone, r)
			delete(s.open, name)
		}
	}
	s.mu.Unlock()
	var errs []error
	for _, r := range gone {
		errs = append(errs, r.Close())
	}
	return errors.Join(errs...)
}

// replica is the open replica of a dataset.
func (s *stores) replica(dataset string) (Replica, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if r, ok := s.open[dataset]; ok {
		return r, nil
	}
	if len(s.open) == 0 && s.version == 0 {
		return nil, fmt.Errorf("dataset %.70q: region %s has no topology yet: %w", dataset, s.region, wire.ErrNotFound)
	}
	return nil, fmt.Errorf("region %s holds no replica of dataset %.70q: %w", s.region, dataset, wire.ErrNotFound)
}

// Status is every replica now, by the datasets' names. A replica that cannot say
// is there with its error.
func (s *stores) Status(ctx context.Context) (wire.RegionStatus, error) {
	s.mu.RLock()
	out := wire.RegionStatus{Region: s.region, Run: s.run, Topology: s.version, Stores: []store.Status{}}
	open := maps.Clone(s.open)
	s.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(open)) {
		st, err := open[name].Status(ctx)
		if err != nil {
			st = store.Status{Dataset: name, Region: s.region, Error: err.Error()}
		}
		out.Stores = append(out.Stores, st)
	}
	return out, nil
}

// Append stores a write that was sent in the belief that this region leads
// epoch; 0 does not say. A replica that knows of another epoch stores nothing:
// who sent it has an old topology, or this replica has missed its promotion.
func (s *stores) Append(ctx context.Context, dataset string, epoch uint64, w store.Write) (store.Ack, error) {
	if err := wire.CheckID(w.ID); err != nil {
		return store.Ack{}, err
	}
	r, err := s.replica(dataset)
	if err != nil {
		return store.Ack{}, err
	}
	if epoch != 0 {
		st, err := r.Status(ctx)
		if err != nil {
			return store.Ack{}, fmt.Errorf("write %s to %s: %w", w.ID, dataset, err)
		}
		if st.Epoch != epoch {
			return store.Ack{}, fmt.Errorf("write %s to %s was sent for epoch %d, region %s is in epoch %d: %w", w.ID, dataset, epoch, s.region, st.Epoch, store.ErrStaleEpoch)
		}
	}
	ack, err := r.Append(ctx, w)
	if err != nil {
		return store.Ack{}, fmt.Errorf("write %s to %s: %w", w.ID, dataset, err)
	}
	return ack, nil
}

// Close closes every replica; none is opened after it.
func (s *stores) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return s.drop(nil)
}
