package discovery

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Imports keeps what clusters import of each other's datasets in step with who leads and answers, as a controller of the
// Multi-Cluster Services API does: outside of all of them, so that it outlives any.
type Imports struct {
	cfg ImportsConfig

	mu      sync.Mutex                     // guards what follows
	applied map[[2]string][]fleet.Endpoint // region, dataset: what its cluster has
	failed  map[string]string              // region: how that failed last
}

// ImportsConfig is what Imports needs.
type ImportsConfig struct {
	Fleet    topology.Fleet
	Platform fleet.Importer
	// Peers is the base URLs by which a region reaches the others for a dataset.
	Peers func(region, dataset string) map[string]string
	// Leads reports whether a region leads a dataset and answers.
	Leads func(region, dataset string) bool
	Emit  func(drill.Body) drill.Event
}

// NewImports is a fleet's imports; nil where no region takes its endpoints from its cluster's objects.
func NewImports(c ImportsConfig) *Imports {
	if !slices.ContainsFunc(c.Fleet.Regions, func(r topology.Region) bool { return c.Fleet.DiscoveryOf(r.Name).Kind == topology.DiscoveryFleet }) {
		return nil
	}
	return &Imports{cfg: c, applied: map[[2]string][]fleet.Endpoint{}, failed: map[string]string{}}
}

// Run keeps them in step until ctx ends, at the interval of the fleet's probes.
func (m *Imports) Run(ctx context.Context, clock bus.Clock) {
	tick, stop := clock.Ticker(max(m.cfg.Fleet.Routing.Probe.Every, leastImport))
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			m.step(ctx)
		}
	}
}

// leastImport is how often it is looked at the most what clusters are to import.
const leastImport = 50 * time.Millisecond

// importing is how many clusters are told at once: one that does not answer must not keep what is news from the others, and each
// is a few requests, as many as a client of client-go has under way.
const importing = 8

// step has every cluster import what has changed, side by side, and each one dataset after the other.
func (m *Imports) step(ctx context.Context) {
	var all errgroup.Group
	all.SetLimit(importing)
	for _, r := range m.cfg.Fleet.Regions {
		all.Go(func() error {
			for _, d := range m.cfg.Fleet.Datasets {
				if d.Residency(r.Name, r.Jurisdiction) == nil {
					m.put(ctx, r.Name, d)
				}
			}
			return nil
		})
	}
	_ = all.Wait() // none returns an error
}

// put has one region's cluster import a dataset, unless it does so already. A cluster that is down is put right when it is back.
func (m *Imports) put(ctx context.Context, region string, d topology.Dataset) {
	exports, imports := slices.Contains(d.Regions, region), m.cfg.Fleet.DiscoveryOf(region).Kind == topology.DiscoveryFleet
	if !exports && !imports {
		return
	}
	endpoints := []fleet.Endpoint{}
	peers := m.cfg.Peers(region, d.Name)
	for _, other := range d.Regions {
		if at, err := url.Parse(peers[other]); imports && other != region && err == nil && at.Host != "" {
			endpoints = append(endpoints, fleet.Endpoint{Region: other, Address: at.Host, Ready: m.cfg.Leads(other, d.Name)})
		}
	}
	key := [2]string{region, d.Name}
	m.mu.Lock()
	was, known := m.applied[key]
	m.mu.Unlock()
	if known && slices.Equal(was, endpoints) {
		return
	}
	err := m.cfg.Platform.Import(ctx, region, d.Name, exports, endpoints)
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err == nil:
		m.applied[key] = endpoints
		delete(m.failed, region)
	case ctx.Err() != nil || errors.Is(err, fleet.ErrDown):
	case m.failed[region] != err.Error():
		m.failed[region] = err.Error()
		m.cfg.Emit(drill.TaskFailed{Task: "import " + d.Name + " into " + region, Error: err.Error(), Next: "tried again by itself"})
	}
}
