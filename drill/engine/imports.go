package engine

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// imports keeps what clusters import of each other's datasets in step with who leads and answers, as a controller of the
// Multi-Cluster Services API does: outside of all of them, so that it outlives any.
type imports struct {
	spec     topology.Fleet
	platform fleet.Importer
	peers    func(region, dataset string) map[string]string
	leads    func(region, dataset string) bool
	emit     func(drill.Body) drill.Event

	applied map[[2]string][]fleet.Endpoint // region, dataset: what its cluster has
	failed  map[string]string              // region: how that failed last
}

// importing is a fleet's; nil where no region takes its endpoints from its cluster's objects.
func (e *Engine) importing(p *parts) *imports {
	platform, can := e.platform.(fleet.Importer)
	if !can || !slices.ContainsFunc(p.spec.Regions, func(r topology.Region) bool {
		return p.spec.DiscoveryOf(r.Name).Kind == topology.DiscoveryFleet
	}) {
		return nil
	}
	probe := p.spec.Routing.Probe
	silent := time.Duration(max(probe.DownAfter, 1))*probe.Every + probe.Timeout
	return &imports{
		spec: p.spec, platform: platform, peers: p.network.PeerURLs, emit: e.bus.Emit,
		leads: func(region, dataset string) bool {
			s, at, known := p.data.watch.Replica(region, dataset)
			return known && s.Role == role.Authority && s.LeaseLeft > 0 && p.clock.Now()-at < silent
		},
		applied: map[[2]string][]fleet.Endpoint{}, failed: map[string]string{},
	}
}

// run keeps them in step until ctx ends, at the interval of the fleet's probes.
func (m *imports) run(ctx context.Context, clock bus.Clock) {
	tick, stop := clock.Ticker(max(m.spec.Routing.Probe.Every, leastImport))
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

// step has every cluster import what has changed.
func (m *imports) step(ctx context.Context) {
	for _, r := range m.spec.Regions {
		for _, d := range m.spec.Datasets {
			if d.Residency(r.Name, r.Jurisdiction) != nil {
				continue
			}
			m.put(ctx, r.Name, d)
		}
	}
}

// put has one region's cluster import a dataset, unless it does so already. A cluster that is down is put right when it is back.
func (m *imports) put(ctx context.Context, region string, d topology.Dataset) {
	exports, imports := slices.Contains(d.Regions, region), m.spec.DiscoveryOf(region).Kind == topology.DiscoveryFleet
	if !exports && !imports {
		return
	}
	endpoints := []fleet.Endpoint{}
	peers := m.peers(region, d.Name)
	for _, other := range d.Regions {
		if at, err := url.Parse(peers[other]); imports && other != region && err == nil && at.Host != "" {
			endpoints = append(endpoints, fleet.Endpoint{Region: other, Address: at.Host, Ready: m.leads(other, d.Name)})
		}
	}
	key := [2]string{region, d.Name}
	if was, known := m.applied[key]; known && slices.Equal(was, endpoints) {
		return
	}
	err := m.platform.Import(ctx, region, d.Name, exports, endpoints)
	switch {
	case err == nil:
		m.applied[key] = endpoints
		delete(m.failed, region)
	case ctx.Err() != nil || errors.Is(err, fleet.ErrDown):
	case m.failed[region] != err.Error():
		m.failed[region] = err.Error()
		m.emit(drill.TaskFailed{Task: "import " + d.Name + " into " + region, Error: err.Error(), Next: "tried again by itself"})
	}
}
