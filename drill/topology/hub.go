package topology

import (
	"cmp"
	"slices"
	"time"
)

// Hub is what runs the tooling that all regions share: the failover controller's questions and the router's probes
// go by way of it. It keeps no data and serves no users, and it can itself be lost.
type Hub struct {
	Name string `json:"name"`
	// In is the region with which it shares a cluster, and its fate; "" is a management cluster of its own.
	In           string `json:"in,omitempty"`
	Place        string `json:"place,omitempty"`
	Jurisdiction string `json:"jurisdiction,omitempty"`
	// RTT is the round trip to each region by its name; a region that is missing has none.
	RTT map[string]time.Duration `json:"rtt,omitempty"`
}

// DefaultHub is the name of a hub that is given none.
const DefaultHub = "hub"

// Is reports whether that is the hub's name; no hub is none.
func (h *Hub) Is(name string) bool { return h != nil && h.Name == name }

// Standing is the fleet as a platform brings it up: its regions and behind them its hub, as a region that holds no data and
// that no user is sent to.
func (f Fleet) Standing() Fleet {
	if f.Hub == nil {
		return f
	}
	hub := Region{Name: f.Hub.Name, Place: f.Hub.Place, Jurisdiction: f.Hub.Jurisdiction}
	f.Regions = slices.Clone(f.Regions)
	for i, r := range f.Regions {
		if r.Name == f.Hub.In {
			f.Regions[i].Cluster = cmp.Or(r.Cluster, r.Name)
			hub.Cluster, hub.Place, hub.Jurisdiction = f.Regions[i].Cluster, r.Place, r.Jurisdiction
		}
	}
	f.Regions, f.Hub = append(f.Regions, hub), nil
	return f
}
