package engine

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/discovery"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/network/names"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// importing keeps the clusters' objects in step, where they have such; nil where they have none.
func (e *Engine) importing(p *parts) *discovery.Imports {
	platform, can := e.platform.(fleet.Importer)
	if !can {
		return nil
	}
	probe := p.spec.Routing.Probe
	silent := time.Duration(max(probe.DownAfter, 1))*probe.Every + probe.Timeout
	return discovery.NewImports(discovery.ImportsConfig{
		Fleet: p.spec, Platform: platform, Peers: p.network.PeerURLs, Emit: e.bus.Emit,
		Leads: func(region, dataset string) bool {
			s, at, known := p.data.watch.Replica(region, dataset)
			return known && s.Role == role.Authority && s.LeaseLeft > 0 && p.clock.Now()-at < silent
		},
	})
}

// discovery is what a region is told of how to find authorities; nil where it is told who they are.
func (p *parts) discovery(region string) *wire.Discovery {
	d := p.spec.DiscoveryOf(region)
	if d.Kind == "" {
		return nil
	}
	told := &wire.Discovery{Kind: d.Kind, Probe: p.spec.Routing.Probe}
	told.Probe.Timeout += topology.Handshake(p.spec, region) // without time for it no answer from a far region would ever come
	told.Slices = d.Kind == topology.DiscoveryFleet && p.imports
	if d.Kind == topology.DiscoveryBareDNS {
		told.Server, told.Zone, told.Cache = p.regionNames.Addr(), names.ZoneOf(p.spec.Zone(), region), d.Cache
		told.Assumed = topology.StoreName
	}
	return told
}

// openNames starts the name server of the regions, where any of them goes by names.
func (e *Engine) openNames(p *parts) error {
	cfg := names.Config{Zone: p.spec.Zone(), Regions: p.spec.RegionNames(), Leader: func(dataset string) string {
		lead, _ := p.data.leader(dataset)
		return lead
	}, Peers: p.network.PeerURLs}
	for _, region := range cfg.Regions {
		if d := p.spec.DiscoveryOf(region); d.Kind == topology.DiscoveryBareDNS {
			cfg.TTL = d.TTL
		}
	}
	if cfg.TTL == 0 {
		return nil
	}
	for _, d := range p.spec.Datasets {
		cfg.Datasets = append(cfg.Datasets, d.Name)
	}
	host := e.platform.Relays()
	cfg.Listen, cfg.Advertise = host.Listen, host.Advertise
	server, err := names.Start(cfg)
	p.regionNames = server
	return err
}

// closeNames ends it.
func (p *parts) closeNames() {
	if p.regionNames == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), namesEndWithin)
	defer cancel()
	_ = p.regionNames.Close(ctx)
}
