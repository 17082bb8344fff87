// Package discovery is how a region's gateway finds the region that takes a dataset's writes, where its failover controller
// does not tell it: by a name, by a mirror of the other clusters' endpoints, or by endpoints that are health-checked across
// clusters. It counts what came of the calls, so that what a stale endpoint costs is measured where it is called.
package discovery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/apiserver"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Endpoint is where a write is sent.
type Endpoint struct {
	Region string
	Base   string // base URL that a name server gave; "" is the region as the gateway knows it
}

// errNobodyLeads is why there is no endpoint where no region that was asked, or no EndpointSlice, has one.
var errNobodyLeads = errors.New("no region is known to lead and to answer")

// Config is what a directory needs.
type Config struct {
	// Ask asks a region, this one or another over its link, what its replicas are. The context ends when it is given up.
	Ask func(ctx context.Context, region string) (wire.RegionStatus, error)
	Now func() time.Duration // monotonic
	// API is the cluster's API server, which is asked where a topology says that its EndpointSlices count; nil is the one that this process is a pod of.
	API    func() (*apiserver.Server, error)
	Logger *slog.Logger
}

// Directory is what one gateway knows of where writes are taken. Its methods may be called from several goroutines.
type Directory struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc
	api    func() (*apiserver.Server, error)
	look   chan struct{} // has the regions asked at once
	asking sync.WaitGroup

	mu       sync.Mutex
	told     *wire.Discovery
	region   string   // this one
	regions  []string // that may lead, this one among them
	datasets []string
	names    *resolver             // topology.DiscoveryBareDNS
	assumed  *wire.LookedUp        // what its name server said of another cluster's name
	ends     map[string]*endpoints // of the other kinds, by dataset
	tallies  map[string]*tally     // by dataset
	failure  string                // of the API server, as it was logged last
}

// New makes a directory that knows nothing yet. The caller calls Close.
func New(cfg Config) *Directory {
	if cfg.API == nil {
		cfg.API = apiserver.InCluster
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Directory{api: sync.OnceValues(cfg.API), cfg: cfg, look: make(chan struct{}, 1), ends: map[string]*endpoints{}, tallies: map[string]*tally{}}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.asking.Go(d.run)
	return d
}

// Close ends what it asks.
func (d *Directory) Close() {
	d.cancel()
	d.asking.Wait()
}

// Told takes a topology in: how the region is to find authorities, of which datasets, and who may lead them. Who does lead
// is not taken from it, but looked for at once, as the watch of a cluster's API would say that something changed.
func (d *Directory) Told(t wire.Topology) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.region, d.regions, d.datasets = t.Region, nil, nil
	for _, p := range t.Datasets {
		d.datasets = append(d.datasets, p.Dataset.Name)
		for _, region := range p.Dataset.Regions {
			if !slices.Contains(d.regions, region) {
				d.regions = append(d.regions, region)
			}
		}
	}
	switch {
	case t.Discovery == nil:
		d.told, d.names, d.assumed, d.ends = nil, nil, nil, map[string]*endpoints{}
		return
	case d.told == nil || *d.told != *t.Discovery:
		told := *t.Discovery
		d.told, d.names, d.assumed, d.ends = &told, nil, nil, map[string]*endpoints{}
		if told.Kind == topology.DiscoveryBareDNS {
			d.names = newResolver(told, d.cfg.Now)
			if by := d.names; told.Assumed != "" {
				d.asking.Go(func() { d.assume(by) })
			}
		}
	}
	select {
	case d.look <- struct{}{}:
	default: // it is about to
	}
}

// Finds reports whether the region finds authorities by itself.
func (d *Directory) Finds() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.told != nil
}

// Pick is where the next write to a dataset goes. An error says why there is no endpoint, and counts as a write without one.
func (d *Directory) Pick(ctx context.Context, dataset string) (Endpoint, error) {
	found, err := d.find(ctx, dataset)
	if err != nil {
		d.count(dataset, func(t *tally) { t.none++ })
		return Endpoint{}, fmt.Errorf("no endpoint of %s: %v: %w", dataset, err, wire.ErrNoAuthority)
	}
	return found, nil
}

func (d *Directory) find(ctx context.Context, dataset string) (Endpoint, error) {
	d.mu.Lock()
	byName := d.names
	if byName == nil {
		defer d.mu.Unlock()
		if d.told == nil { // since a moment ago
			return Endpoint{}, errNobodyLeads
		}
		found, ok := d.endpoints(dataset).pick()
		if !ok {
			return Endpoint{}, errNobodyLeads
		}
		return found, nil
	}
	d.mu.Unlock()
	return byName.pick(ctx, dataset)
}

// Ended takes what came of a call that was sent to an endpoint of a dataset, at a time of the directory's clock; nil where
// the write was acknowledged. Where the region is told who leads nothing is counted.
func (d *Directory) Ended(dataset string, sent time.Duration, err error) {
	if d.Finds() {
		d.count(dataset, func(t *tally) { t.ended(sent, err) })
	}
}

func (d *Directory) count(dataset string, add func(*tally)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tallies[dataset] == nil {
		d.tallies[dataset] = &tally{}
	}
	add(d.tallies[dataset])
}

// Status is what was found and counted of every dataset; nil where the region finds nothing by itself.
func (d *Directory) Status() []wire.Discovered {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told == nil {
		return nil
	}
	var all []wire.Discovered
	for _, dataset := range d.datasets {
		found := wire.Discovered{Dataset: dataset, Kind: d.told.Kind}
		if d.names != nil {
			found.Assumed = d.assumed
			found.Endpoints, found.KeptFor = d.names.regions(dataset)
		} else {
			found.Endpoints = slices.Clone(d.endpoints(dataset).regions)
		}
		if t := d.tallies[dataset]; t != nil {
			found.Calls, found.Stale, found.Unanswered, found.None = t.calls, t.stale, t.unanswered, t.none
			found.Spell = t.spell(d.cfg.Now())
		}
		all = append(all, found)
	}
	return all
}

// endpoints is of one dataset. d.mu is held.
func (d *Directory) endpoints(dataset string) *endpoints {
	e := d.ends[dataset]
	if e == nil {
		e = newEndpoints(d.region, d.told.Kind, d.told.Probe.DownAfter)
		d.ends[dataset] = e
	}
	return e
}

// leads reports whether a replica takes writes now.
func leads(st wire.RegionStatus, dataset string) bool {
	return slices.ContainsFunc(st.Stores, func(s store.Status) bool {
		return s.Dataset == dataset && s.Role == role.Authority && s.LeaseLeft > 0
	})
}
