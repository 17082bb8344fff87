package runner

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/controller"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// watchEvery is how often each region's agent is asked for its status. Five
// times a second keeps writes at risk and lag fresh at a cost of one small
// request each.
const watchEvery = 200 * time.Millisecond

// Agent is a region's agent, as the watch needs it. Timeouts are the caller's.
type Agent interface {
	Status(ctx context.Context) (wire.RegionStatus, error)
	PutTopology(ctx context.Context, t wire.Topology) (wire.RegionStatus, error)
}

// WatchConfig is what a watch is made of.
type WatchConfig struct {
	Agents map[string]Agent
	Clock  Clock
	// Peers is the base URLs by which a region reaches the others, or by which what
	// belongs to a dataset does.
	Peers         func(region, dataset string) map[string]string
	Jurisdictions map[string]string // of each region
	// RTT is the round trips from a region to the others, as the fleet file has them. May be nil.
	RTT func(region string) map[string]time.Duration
	// Discovery is how a region's gateway finds authorities; nil where it is told. May be nil.
	Discovery func(region string) *wire.Discovery
	// Discovered takes what a region's gateway found by itself. It is called with nothing locked; nil is nobody.
	Discovered func(region, run string, found []wire.Discovered, at time.Duration)
	// First numbers the first topology. A joined fleet holds the topology of a controller
	// that is gone, so it must differ from process to process.
	First uint64
	// Heard takes each status of a replica, in the order in which they were asked for. It
	// only hands it on: the watch is locked meanwhile.
	Heard func(region string, s store.Status)
	// Stood takes what a region's agent says of itself: when its process did not run. The run is its own, at is when the
	// answer came. It is called with nothing locked; nil is nobody.
	Stood func(region, run string, stood []wire.Stood, at time.Duration)
}

// Watch asks every region's agent for its status, keeps the last answer of
// each, and hands the topology to an agent that holds an old one or none (it
// has just started). Its methods may be called from several goroutines.
type Watch struct {
	cfg WatchConfig

	mu      sync.Mutex
	version uint64
	places  []wire.Placement
	seen    map[string]contact
}

// contact is a region's last answer, and when it came on the engine's clock.
type contact struct {
	status wire.RegionStatus
	at     time.Duration
	sent   time.Duration // when it was asked
}

// NewWatch makes a watch; nobody is asked yet.
func NewWatch(cfg WatchConfig) *Watch {
	return &Watch{cfg: cfg, version: cfg.First, seen: map[string]contact{}}
}

// Run asks all regions until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	var all sync.WaitGroup
	for region := range w.cfg.Agents {
		all.Go(func() {
			for ctx.Err() == nil {
				fired, stop := w.cfg.Clock.After(watchEvery)
				w.ask(ctx, region)
				select {
				case <-ctx.Done():
				case <-fired:
				}
				stop()
			}
		})
	}
	all.Wait()
}

// ask asks one region now.
func (w *Watch) ask(ctx context.Context, region string) {
	ctx, cancel := context.WithTimeout(ctx, controller.AskLimit)
	defer cancel()
	sent := w.cfg.Clock.Now()
	status, err := w.cfg.Agents[region].Status(ctx)
	if err != nil {
		return
	}
	w.keep(region, status, sent)
	if w.cfg.Stood != nil && len(status.Stood) > 0 {
		w.cfg.Stood(region, status.Run, status.Stood, w.cfg.Clock.Now())
	}
	if w.cfg.Discovered != nil && len(status.Discovered) > 0 {
		w.cfg.Discovered(region, status.Run, status.Discovered, w.cfg.Clock.Now())
	}
	if !w.Has(region) {
		_, _ = w.push(ctx, region) // else it is told when it next answers
	}
}

func (w *Watch) keep(region string, status wire.RegionStatus, sent time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// Answers of concurrent questions may come out of order.
	if sent < w.seen[region].sent {
		return
	}
	w.seen[region] = contact{status: status, at: w.cfg.Clock.Now(), sent: sent}
	for _, s := range status.Stores {
		w.cfg.Heard(region, s)
	}
}

// push hands the region the topology as it is now. The answer says which datasets
// could not be placed.
func (w *Watch) push(ctx context.Context, region string) (wire.RegionStatus, error) {
	sent := w.cfg.Clock.Now()
	status, err := w.cfg.Agents[region].PutTopology(ctx, w.topology(region))
	if err == nil {
		w.keep(region, status, sent)
	}
	return status, err
}

// PushFor hands a region the topology for the sake of one dataset, which must have its
// place: another that has not is none of its business.
func (w *Watch) PushFor(ctx context.Context, region, dataset string) error {
	status, err := w.push(ctx, region)
	if why := status.Unplaced[dataset]; err == nil && why != "" {
		err = fmt.Errorf("place %s in %s: %s", dataset, region, why)
	}
	return err
}

// PushAll hands the topology to every region at once. One that does not answer is told
// when it next does.
func (w *Watch) PushAll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, controller.AskLimit)
	defer cancel()
	var all sync.WaitGroup
	for region := range w.cfg.Agents {
		all.Go(func() { _, _ = w.push(ctx, region) })
	}
	all.Wait()
}

func (w *Watch) topology(region string) wire.Topology {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := wire.Topology{
		Version: w.version, Region: region, Peers: w.cfg.Peers(region, ""),
		Datasets: slices.Clone(w.places), Jurisdictions: w.cfg.Jurisdictions,
	}
	if w.cfg.RTT != nil {
		t.RTT = w.cfg.RTT(region)
	}
	if w.cfg.Discovery != nil {
		t.Discovery = w.cfg.Discovery(region)
	}
	for i := range t.Datasets {
		t.Datasets[i].Peers = w.cfg.Peers(region, t.Datasets[i].Dataset.Name)
	}
	return t
}

// Place sets who is the authority of a dataset. Regions are told by a push, or at
// the latest when they are next asked.
func (w *Watch) Place(d topology.Dataset, authority string, epoch uint64) {
	p := wire.Placement{Dataset: d, Authority: authority, Epoch: epoch}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	for i := range w.places {
		if w.places[i].Dataset.Name == d.Name {
			w.places[i] = p
			return
		}
	}
	w.places = append(w.places, p)
}

// Replica is the last known status of a region's replica and when it was
// received; false while it has never answered.
func (w *Watch) Replica(region, dataset string) (store.Status, time.Duration, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.seen[region]
	if !ok {
		return store.Status{}, 0, false
	}
	for _, s := range c.status.Stores {
		if s.Dataset == dataset {
			return s, c.at, true
		}
	}
	return store.Status{}, 0, false
}

// Has reports whether the region holds the topology of now.
func (w *Watch) Has(region string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.seen[region]
	return ok && c.status.Topology == w.version
}
