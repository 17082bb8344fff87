package scenario

import (
	"cmp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/quantity"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var modes = []string{string(topology.ModeAsync), string(topology.ModeSync), string(topology.ModeQuorum), string(topology.ModePinned), string(topology.ModeBackup)}

// maxWeight bounds a dataset's weight: every region's disk holds it.
const maxWeight = 4 << 30

func (r *fleetReader) dataset(n *yaml.Node) {
	d := topology.Dataset{Engine: store.DefaultEngine}
	var engine *yaml.Node
	var asks modeKeys
	var authority *yaml.Node
	ok := r.mapping(n, "a dataset", []key{
		{"name", func(n *yaml.Node) { d.Name = r.newName(n, "dataset name", "orders", r.datasetAt) }, "name: orders"},
		{"engine", func(n *yaml.Node) { engine = n; d.Engine, _ = r.OneOf(n, "engine", store.EngineNames(), "there are") }, ""},
		{"mode", func(n *yaml.Node) { mode, _ := r.OneOf(n, "mode", modes, "there are"); d.Mode = topology.Mode(mode) },
			"mode: async, which says when a write is confirmed"},
		{"authority", func(n *yaml.Node) { authority = n }, "authority: " + r.anyRegion() + ", the region that takes the writes"},
		{"regions", func(n *yaml.Node) { asks.regions = n }, "regions: [" + strict.Enumerate(r.fleet.RegionNames()) + "], those that hold a copy"},
		{"with", func(n *yaml.Node) { asks.with = n }, ""},
		{"to", func(n *yaml.Node) { asks.to = n }, ""},
		{"every", func(n *yaml.Node) { asks.every = n }, ""},
		{"jurisdiction", func(n *yaml.Node) { asks.jurisdiction = n }, ""},
		{"weight", func(n *yaml.Node) {
			d.Weight = r.quantity(n, "weight", quantity.Bytes, "64MiB")
			if d.Weight > maxWeight {
				r.Bad(n, "a weight of %d MiB is written in every region; at most 4GiB are taken", d.Weight>>20)
			}
		}, ""},
	})
	if !ok {
		return
	}
	if asks.regions != nil {
		d.Regions = r.holders(asks.regions)
	}
	if authority != nil {
		var ok bool
		d.Authority, ok = r.regionName(authority)
		if ok && len(d.Regions) > 0 && !slices.Contains(d.Regions, d.Authority) {
			r.Bad(authority, "the authority %s is not among the dataset's regions %s; add it there, or name one of them", d.Authority, strict.Enumerate(d.Regions))
		}
	}
	r.onlyWith(asks.with, "with", d.Mode, topology.ModeSync)
	r.onlyWith(asks.to, "to", d.Mode, topology.ModeBackup)
	r.onlyWith(asks.every, "every", d.Mode, topology.ModeBackup)
	r.onlyWith(asks.jurisdiction, "jurisdiction", d.Mode, topology.ModePinned)
	r.durability(n, &d, asks)
	if e, _ := store.EngineOf(d.Engine); d.Mode == topology.ModeBackup && !e.Backup {
		r.Bad(engine, "engine %s ships no snapshots; mode backup needs engine: %s", d.Engine, store.EngineLog)
	}
	switch {
	case d.Name == "":
	case len(r.fleet.Datasets) == maxThings:
		r.Bad(n, "%s is one dataset too many; a fleet takes at most %d", d.Name, maxThings)
	default:
		r.fleet.Datasets = append(r.fleet.Datasets, d)
	}
}

// modeKeys are the settings of a dataset that go with its mode; nil where the file has none.
type modeKeys struct{ regions, with, to, every, jurisdiction *yaml.Node }

// durability checks what the mode asks for.
func (r *fleetReader) durability(n *yaml.Node, d *topology.Dataset, asks modeKeys) {
	regions, jurisdiction := asks.regions, asks.jurisdiction
	switch d.Mode {
	case topology.ModeSync:
		if asks.with == nil {
			r.Bad(n, "\"with\" is missing in mode sync; add with: REGION, the one that stores every write beside the authority")
			return
		}
		r.partner(asks.with, d, "sync needs another region")
	case topology.ModeBackup:
		r.backup(n, d, asks)
	case topology.ModeQuorum:
		if refused := rule.TooFewForQuorum(cmp.Or(d.Name, "this dataset"), len(d.Regions)); regions != nil && len(d.Regions) > 0 && refused != nil {
			r.Bad(regions, "%s", refused)
		}
	case topology.ModePinned:
		if jurisdiction == nil {
			r.Bad(n, "\"jurisdiction\" is missing in mode pinned; add jurisdiction: EU, as the regions have it")
			return
		}
		d.Jurisdiction, _ = r.Scalar(jurisdiction, "jurisdiction", "EU")
		for _, g := range r.fleet.Regions {
			if err := d.Residency(g.Name, g.Jurisdiction); slices.Contains(d.Regions, g.Name) && err != nil && d.Jurisdiction != "" {
				r.Bad(regions, "%s; leave that region out", err)
			}
		}
	}
}

// partner reads the region that a mode names beside the authority.
func (r *fleetReader) partner(n *yaml.Node, d *topology.Dataset, needs string) {
	var ok bool
	d.With, ok = r.regionName(n)
	switch {
	case !ok:
	case d.With == d.Authority:
		r.Bad(n, "%s is the authority itself; %s", d.With, needs)
	case len(d.Regions) > 0 && !slices.Contains(d.Regions, d.With):
		r.Bad(n, "%s holds no copy; name one of the dataset's regions %s", d.With, strict.Enumerate(d.Regions))
	}
}

// leastEvery is the least time between two snapshots: a shorter one is replication at the
// price of a whole copy each.
const leastEvery = time.Second

// backup reads where snapshots go, and how often.
func (r *fleetReader) backup(n *yaml.Node, d *topology.Dataset, asks modeKeys) {
	if asks.to == nil {
		r.Bad(n, "\"to\" is missing in mode backup; add to: REGION, the one that keeps the snapshots")
	} else {
		r.partner(asks.to, d, "a snapshot is kept in another region")
	}
	if asks.every == nil {
		r.Bad(n, "\"every\" is missing in mode backup; add every: 10s, the time from one snapshot to the next")
	} else {
		d.Every = r.Duration(asks.every, "every", leastEvery)
	}
	if len(d.Regions) > 2 {
		r.Bad(asks.regions, "mode backup ships to one region; regions are the authority and that one")
	}
}

// holders reads the regions that hold a copy, each once.
func (r *fleetReader) holders(n *yaml.Node) []string {
	var regions []string
	r.List(n, "regions of a dataset", "["+strict.Enumerate(r.fleet.RegionNames())+"]", func(e *yaml.Node) {
		region, ok := r.regionName(e)
		switch {
		case !ok:
		case slices.Contains(regions, region):
			r.Bad(e, "%s is there twice; a region holds one copy", region)
		default:
			regions = append(regions, region)
		}
	})
	return regions
}

// onlyWith refuses a setting that another mode than the dataset's is needed for.
func (r *fleetReader) onlyWith(n *yaml.Node, setting string, mode, needs topology.Mode) {
	if n != nil && mode != needs && mode != "" {
		r.Bad(n, "%q belongs to mode %s, and this dataset is %s; leave it out", setting, needs, mode)
	}
}
