package engine

import (
	"context"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/network/names"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// silentAfter is how old a gateway's answer may be in a sample: the watch asks five times a second.
const silentAfter = time.Second

// discoveries is what the regions' gateways found by themselves, summed up over their restarts.
type discoveries struct {
	spec topology.Fleet

	mu    sync.Mutex
	known map[[2]string]*discovery // region, dataset
}

// discovery is one region's and dataset's: what earlier runs of the gateway counted, and its last answer.
type discovery struct {
	run    string
	at     time.Duration
	before wire.Discovered
	last   wire.Discovered
}

func newDiscoveries(spec topology.Fleet) *discoveries {
	return &discoveries{spec: spec, known: map[[2]string]*discovery{}}
}

// heard takes one gateway's answer. One that has restarted counts from zero.
func (d *discoveries) heard(region, run string, found []wire.Discovered, at time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range found {
		k := d.known[[2]string{region, f.Dataset}]
		if k == nil {
			k = &discovery{run: run}
			d.known[[2]string{region, f.Dataset}] = k
		}
		if k.run != run && f.Calls+f.None < k.last.Calls+k.last.None {
			k.before = sum(k.before, k.last)
		}
		k.run, k.at, k.last = run, at, f
	}
}

// sum adds up what two runs counted.
func sum(a, b wire.Discovered) wire.Discovered {
	b.Calls, b.Stale, b.Unanswered, b.None = a.Calls+b.Calls, a.Stale+b.Stale, a.Unanswered+b.Unanswered, a.None+b.None
	return b
}

// sample is what is known now, in the fleet file's order; false where no region finds authorities by itself.
func (d *discoveries) sample(now time.Duration) (drill.DiscoverySampled, bool) {
	if !d.spec.Discovers() {
		return drill.DiscoverySampled{}, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var b drill.DiscoverySampled
	for _, r := range d.spec.Regions {
		for _, dataset := range d.spec.Datasets {
			k := d.known[[2]string{r.Name, dataset.Name}]
			if k == nil {
				continue
			}
			f := sum(k.before, k.last)
			found := telemetry.Discovery{
				Region: r.Name, Dataset: dataset.Name, Kind: f.Kind, Endpoints: f.Endpoints,
				Calls: f.Calls, Stale: f.Stale, Unanswered: f.Unanswered, None: f.None, Silent: now-k.at > silentAfter,
			}
			if s := f.Spell; s != nil {
				from, until := k.at-s.BeganAgo, k.at-s.EndedAgo
				found.StaleFrom, found.StaleUntil = &from, &until
			}
			if f.KeptFor > 0 {
				expires := k.at + f.KeptFor
				found.Expires = &expires
			}
			b.Found = append(b.Found, found)
		}
	}
	return b, len(b.Found) > 0
}

// missing is a region that finds authorities by itself and does not know one of each dataset yet; "" is none. A name is looked
// up by the first write.
func (d *discoveries) missing() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.spec.Regions {
		kind := d.spec.DiscoveryOf(r.Name).Kind
		if kind == "" || kind == topology.DiscoveryBareDNS {
			continue
		}
		for _, dataset := range d.spec.Datasets {
			k := d.known[[2]string{r.Name, dataset.Name}]
			if k == nil || len(k.last.Endpoints) == 0 && dataset.Residency(r.Name, r.Jurisdiction) == nil {
				return r.Name
			}
		}
	}
	return ""
}

// discovery is what a region is told of how to find authorities; nil where it is told who they are.
func (p *parts) discovery(region string) *wire.Discovery {
	d := p.spec.DiscoveryOf(region)
	if d.Kind == "" {
		return nil
	}
	told := &wire.Discovery{Kind: d.Kind, Probe: p.spec.Routing.Probe}
	told.Slices = d.Kind == topology.DiscoveryFleet && p.imports
	if d.Kind == topology.DiscoveryBareDNS {
		told.Server, told.Zone, told.Cache = p.regionNames.Addr(), names.ZoneOf(p.spec.Zone(), region), d.Cache
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
