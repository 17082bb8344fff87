package topology

import (
	"cmp"
	"slices"
	"time"
)

// Hub is what runs the tooling that all regions share: the failover controller's questions and the router's probes
// go by way of it. It is a management cluster of its own, which keeps no data and serves no users, or In is the region
// whose cluster runs it too; either can be lost.
type Hub struct {
	Name         string `json:"name"`
	In           string `json:"in,omitempty"`
	Place        string `json:"place,omitempty"`
	Jurisdiction string `json:"jurisdiction,omitempty"`
	// RTT is the round trip to each region by its name; a region that is missing has none.
	RTT map[string]time.Duration `json:"rtt,omitempty"`
}

// DefaultHub is the name of a hub that is given none.
const DefaultHub = "hub"

// Host is the region that is lost with the hub: one of the fleet's, or the hub itself.
func (h *Hub) Host() string { return cmp.Or(h.In, h.Name) }

// Region is a hub with a cluster of its own as what a platform brings up: a region that holds no data and that no user
// is sent to.
func (h *Hub) Region() Region {
	return Region{Name: h.Name, Place: h.Place, Jurisdiction: h.Jurisdiction}
}

// Standing is the fleet as a platform brings it up: its regions and, behind them, a hub that is in none of them.
func (f Fleet) Standing() Fleet {
	if f.Hub != nil && f.Hub.In == "" {
		f.Regions = append(slices.Clone(f.Regions), f.Hub.Region())
		f.Hub = nil
	}
	return f
}

// Is reports whether that is the name of a hub with a cluster of its own; no hub is none.
func (h *Hub) Is(name string) bool { return h != nil && h.In == "" && h.Name == name }
