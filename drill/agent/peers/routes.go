package peers

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Routes is a topology with the peers that it names.
type Routes struct {
	Topology wire.Topology
	peers    map[key]*Peer
}

// Routes keeps those of the old peers that have not moved, with their connections.
func (m Maker) Routes(t wire.Topology, old *Routes) (*Routes, error) {
	n := &Routes{Topology: t, peers: map[key]*Peer{}}
	for _, d := range t.Datasets {
		if err := wire.CheckName("dataset", d.Dataset.Name); err != nil {
			return nil, err
		}
		if err := resides(t, d.Dataset); err != nil {
			return nil, err
		}
	}
	for to, base := range relays(t) {
		if err := wire.CheckName("peer", to.region); err != nil {
			return nil, err
		}
		if was := old.at(to); was != nil && was.base == strings.TrimSuffix(base, "/") {
			n.peers[to] = was
			continue
		}
		p, err := m.Peer(to.region, base, t.RTT[to.region])
		if err != nil {
			return nil, err
		}
		n.peers[to] = p
	}
	for _, d := range t.Datasets {
		if _, ok := n.Peer(d.Dataset.Name, d.Authority); !ok && d.Authority != "" && d.Authority != t.Region {
			return nil, fmt.Errorf("authority %s of dataset %s is neither %s nor one of its peers: %w", d.Authority, d.Dataset.Name, t.Region, wire.ErrBad)
		}
	}
	return n, nil
}

// relays is the base URL of every relay that the topology names.
func relays(t wire.Topology) map[key]string {
	all := map[key]string{}
	for region, base := range t.Peers {
		all[key{region: region}] = base
	}
	for _, d := range t.Datasets {
		for region, base := range d.Peers {
			all[key{dataset: d.Dataset.Name, region: region}] = base
		}
	}
	return all
}

// Leave drops the connections to peers that are not among the new ones.
func (r *Routes) Leave(next *Routes) {
	if r == nil {
		return
	}
	for to, p := range r.peers {
		if next.at(to) != p {
			p.Transport.CloseIdleConnections()
		}
	}
}

func (r *Routes) at(to key) *Peer {
	if r == nil {
		return nil
	}
	return r.peers[to]
}

// Peer is a region as reached for the dataset, "" for all else: by the dataset's own
// relay if it has one.
func (r *Routes) Peer(dataset, region string) (*Peer, bool) {
	if p := r.at(key{dataset, region}); p != nil {
		return p, true
	}
	p := r.at(key{region: region})
	return p, p != nil
}

// Placement is a dataset as the topology has it; false where it has none, or nobody has told one yet.
func (r *Routes) Placement(dataset string) (wire.Placement, bool) {
	if r == nil {
		return wire.Placement{}, false
	}
	for _, p := range r.Topology.Datasets {
		if p.Dataset.Name == dataset {
			return p, true
		}
	}
	return wire.Placement{}, false
}

// Admits refuses what would carry a pinned dataset's contents into or out of a
// region outside its jurisdiction.
func (r *Routes) Admits(dataset string, regions ...string) error {
	p, ok := r.Placement(dataset)
	if !ok {
		return nil // nothing is known of it, so there is nothing to carry
	}
	for _, region := range regions {
		if err := residency(r.Topology, p.Dataset, region); err != nil {
			return err
		}
	}
	return nil
}

// resides refuses a placement that has the topology's own region hold a replica
// which residency keeps out.
func resides(t wire.Topology, d topology.Dataset) error {
	for _, region := range d.Regions {
		if region != t.Region {
			continue
		}
		if err := residency(t, d, region); err != nil {
			return fmt.Errorf("no replica in %s: %w", region, err)
		}
	}
	return nil
}

// residency is ErrPinned if the dataset is pinned to another jurisdiction than
// the region's. While its mode is switched either durability pins it.
func residency(t wire.Topology, d topology.Dataset, region string) error {
	if t.Jurisdictions == nil {
		return nil
	}
	if err := d.Residency(region, t.Jurisdictions[region]); err != nil {
		return fmt.Errorf("%w: %w", err, store.ErrPinned)
	}
	return nil
}

// DatasetOf is the dataset whose store a gateway's path asks for, "" if none.
func DatasetOf(path string) string {
	rest, ok := strings.CutPrefix(path, wire.PathStore)
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}
