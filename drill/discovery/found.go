// Package discovery is the engine's side of how regions find authorities by themselves: what their gateways say that they found,
// summed up, and what clusters import of each other's datasets.
package discovery

import (
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// silentAfter is how old a gateway's answer may be in a sample: the watch asks five times a second.
const silentAfter = time.Second

// Found is what the regions' gateways found by themselves, summed up over their restarts.
type Found struct {
	spec topology.Fleet
	emit func(drill.Body) drill.Event

	mu    sync.Mutex
	known map[[2]string]*counted // region, dataset
	told  map[string]bool        // regions of which it was said what came of a look-up
}

// counted is one region's and dataset's: what earlier runs of the gateway counted, and its last answer.
type counted struct {
	run    string
	at     time.Duration
	before wire.Discovered
	last   wire.Discovered
}

// NewFound knows nothing yet.
func NewFound(spec topology.Fleet, emit func(drill.Body) drill.Event) *Found {
	return &Found{spec: spec, emit: emit, known: map[[2]string]*counted{}, told: map[string]bool{}}
}

// Heard takes one gateway's answer. One that has restarted counts from zero.
func (d *Found) Heard(region, run string, found []wire.Discovered, at time.Duration) {
	d.lookedUp(region, found)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range found {
		k := d.known[[2]string{region, f.Dataset}]
		if k == nil {
			k = &counted{run: run}
			d.known[[2]string{region, f.Dataset}] = k
		}
		if k.run != run && f.Calls+f.None < k.last.Calls+k.last.None {
			k.before = sum(k.before, k.last)
		}
		k.run, k.at, k.last = run, at, f
	}
}

// lookedUp says once of a region what came of looking up another cluster's store by the name that it has there.
func (d *Found) lookedUp(region string, found []wire.Discovered) {
	for _, f := range found {
		set, _ := d.spec.Dataset(f.Dataset)
		i := slices.IndexFunc(set.Regions, func(r string) bool { return r != region })
		if f.Assumed == nil || i < 0 {
			continue
		}
		d.mu.Lock()
		told := d.told[region]
		d.told[region] = true
		d.mu.Unlock()
		if !told {
			d.emit(drill.NameLookedUp{Region: region, Name: f.Assumed.Name, Of: set.Regions[i], Says: f.Assumed.Says})
		}
		return
	}
}

// sum adds up what two runs counted.
func sum(a, b wire.Discovered) wire.Discovered {
	b.Calls, b.Stale, b.Unanswered, b.None = a.Calls+b.Calls, a.Stale+b.Stale, a.Unanswered+b.Unanswered, a.None+b.None
	return b
}

// Sample is what is known now, in the fleet file's order; false where no region finds authorities by itself.
func (d *Found) Sample(now time.Duration) (drill.DiscoverySampled, bool) {
	if !topology.Discovers(d.spec) {
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

// Missing is a region that finds authorities by itself and does not know one of each dataset yet; "" is none. A name is looked
// up by the first write.
func (d *Found) Missing() string {
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
