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

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// stores is the region's replicas of the datasets, as the topology places them.
type stores struct {
	region   string
	run      string
	data     string
	engines  Engines
	upstream store.Upstream
	far      *distances
	clock    func() time.Duration
	logger   *slog.Logger

	// ackWithin is how long a write waits here for the durability of its mode where its
	// sender does not say how long that waits: less than a gateway does, so that it is
	// answered and its connection stays.
	ackWithin   time.Duration
	password    string
	postgresBin string

	applying chan struct{}  // holds one topology at a time
	working  sync.WaitGroup // openings and tunnels

	mu      sync.RWMutex
	version uint64 // of the topology that holds in full
	open    map[string]Replica
	opening map[string]*opening
	closed  bool
}

func newStores(c Config, upstream store.Upstream, far *distances) *stores {
	return &stores{
		region: c.Region, run: c.Run, data: c.Data, engines: c.Engines, upstream: upstream, far: far,
		clock: c.Clock, logger: c.Logger, open: map[string]Replica{}, opening: map[string]*opening{},
		ackWithin: c.WriteTimeout * 3 / 4, password: enginePassword(c.Token), postgresBin: c.PostgresBin,
		applying: make(chan struct{}, 1),
	}
}

// PutTopology opens a replica of each dataset that the region holds, gives each
// its mode and regions, and closes those that the region holds no more (their
// files stay). Datasets do not wait for each other, and an opening that outlasts
// openWithin goes on: the next topology finds it done. What can't be placed is in
// the answer, and keeps no other dataset from its place. The version counts as held
// only once all of that was done.
func (s *stores) PutTopology(ctx context.Context, t wire.Topology) (wire.RegionStatus, error) {
	select {
	case s.applying <- struct{}{}:
		defer func() { <-s.applying }()
	case <-ctx.Done():
		return wire.RegionStatus{}, fmt.Errorf("topology %d waits for the one before it in %s: %w", t.Version, s.region, ctx.Err())
	}
	s.hold(0)
	s.far.set(t.RTT)
	held := map[string]bool{}
	var mu sync.Mutex
	unplaced := map[string]string{}
	var all sync.WaitGroup
	for _, p := range t.Datasets {
		if !slices.Contains(p.Dataset.Regions, s.region) {
			continue
		}
		held[p.Dataset.Name] = true
		all.Go(func() {
			r, err := s.ensure(ctx, p.Dataset)
			if err == nil {
				err = r.Configure(ctx, p.Dataset)
			}
			if err != nil {
				s.logger.Warn("dataset not placed", "dataset", p.Dataset.Name, "topology", t.Version, "error", err)
				mu.Lock()
				defer mu.Unlock()
				unplaced[p.Dataset.Name] = err.Error()
			}
		})
	}
	all.Wait()
	if err := s.drop(held); err != nil {
		return wire.RegionStatus{}, err
	}
	if len(unplaced) == 0 {
		s.hold(t.Version)
	}
	st, err := s.Status(ctx)
	st.Unplaced = unplaced
	return st, err
}

func (s *stores) hold(version uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = version
}

// openWithin is how long a topology waits for a replica that is being opened. The
// log engine's is open in some milliseconds; a database server may have a recovery
// before it, and the other datasets of the region are not to wait for that.
const openWithin = 500 * time.Millisecond

// opening is a replica that is being opened, which may take an engine long.
type opening struct {
	done    chan struct{} // closed once replica or err is there
	replica Replica
	err     error
}

// ensure is the open replica, opened unless it is. The caller holds applying.
func (s *stores) ensure(ctx context.Context, d topology.Dataset) (Replica, error) {
	if r, err := s.replica(d.Name); err == nil {
		return r, nil
	}
	o := s.underWay(d.Name)
	if o == nil {
		open, ok := s.engines[d.Engine]
		if !ok {
			return nil, fmt.Errorf("engine %q is none of %v: %w", d.Engine, slices.Sorted(maps.Keys(s.engines)), wire.ErrBad)
		}
		o = s.openReplica(d.Name, open)
	}
	waits, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	select {
	case <-o.done:
	case <-waits.Done():
		return nil, errors.New("its replica is still being opened")
	}
	s.forget(d.Name)
	return o.replica, o.err
}

func (s *stores) underWay(dataset string) *opening {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.opening[dataset]
}

func (s *stores) forget(dataset string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.opening, dataset)
}

// openReplica opens in the background. Close waits for it.
func (s *stores) openReplica(name string, open func(Opening) (Replica, error)) *opening {
	o := &opening{done: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		o.err = errStopping
		close(o.done)
		return o
	}
	s.opening[name] = o
	s.working.Go(func() {
		defer close(o.done)
		o.replica, o.err = open(Opening{
			Dir: filepath.Join(s.data, name), Dataset: name, Region: s.region, Run: s.run,
			Upstream: s.upstream, Clock: s.clock, Logger: s.logger.With("dataset", name),
			Password: s.password, PostgresBin: s.postgresBin,
		})
		if o.err != nil {
			return
		}
		s.mu.Lock()
		closed := s.closed
		if !closed {
			s.open[name] = o.replica
		}
		s.mu.Unlock()
		if closed {
			o.replica, o.err = nil, errors.Join(errStopping, o.replica.Close())
		}
	})
	return o
}

var errStopping = errors.New("the agent is stopping")

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
	if s.version == 0 { // it has started anew and was told nothing, or opens its stores: nothing is lost
		return nil, fmt.Errorf("dataset %.70q: region %s has no topology yet: %w", dataset, s.region, wire.ErrNoAuthority)
	}
	return nil, fmt.Errorf("region %s holds no replica of dataset %.70q: %w", s.region, dataset, wire.ErrNotFound)
}

// statusWithin is how long a region's status waits for a replica: less than the failover
// controller waits for the region, so that one whose database hangs is there with what was
// known last, and hides no other.
const statusWithin = 300 * time.Millisecond

// Status is every replica now, by the datasets' names. A replica that cannot say
// is there with its error.
func (s *stores) Status(ctx context.Context) (wire.RegionStatus, error) {
	s.mu.RLock()
	out := wire.RegionStatus{Region: s.region, Run: s.run, Topology: s.version, Stores: []store.Status{}}
	open := maps.Clone(s.open)
	s.mu.RUnlock()
	names := slices.Sorted(maps.Keys(open))
	out.Stores = make([]store.Status, len(names))
	ctx, cancel := context.WithTimeout(ctx, statusWithin)
	defer cancel()
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			st, err := open[name].Status(ctx)
			if err != nil {
				st = store.Status{Dataset: name, Region: s.region, Error: err.Error()}
			}
			out.Stores[i] = st
		})
	}
	all.Wait()
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
		if known := r.Epoch(); known != epoch {
			return store.Ack{}, fmt.Errorf("write %s to %s was sent for epoch %d, region %s is in epoch %d: %w", w.ID, dataset, epoch, s.region, known, store.ErrStaleEpoch)
		}
	}
	limited, cancel, within := answer.Answering(ctx, s.ackWithin)
	defer cancel()
	ack, err := r.Append(limited, w)
	if err != nil {
		if ctx.Err() == nil && limited.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("not acknowledged within %s, it may be stored all the same: %w", within.Round(time.Millisecond), err)
		}
		return store.Ack{}, fmt.Errorf("write %s to %s: %w", w.ID, dataset, err)
	}
	return ack, nil
}

// Close closes every replica; none is opened after it.
func (s *stores) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.drop(nil)
	s.working.Wait()
	return err
}
