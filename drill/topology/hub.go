package topology

import "time"

// Hub is a management cluster that runs what all regions share: the failover controller's questions and the router's probes
// go by way of it. It keeps no data and serves no users, and it can itself be lost.
type Hub struct {
	Name         string `json:"name"`
	Place        string `json:"place,omitempty"`
	Jurisdiction string `json:"jurisdiction,omitempty"`
	// RTT is the round trip to each region by its name; a region that is missing has none.
	RTT map[string]time.Duration `json:"rtt,omitempty"`
}

// DefaultHub is the name of a hub that is given none.
const DefaultHub = "hub"

// Region is the hub as what a platform brings up: a region that holds no data and that no user is sent to.
func (h Hub) Region() Region {
	return Region{Name: h.Name, Place: h.Place, Jurisdiction: h.Jurisdiction}
}

// Standing is the fleet as a platform brings it up: its regions and, behind them, its hub.
func (f Fleet) Standing() Fleet {
	if f.Hub != nil {
		f.Regions = append(append([]Region(nil), f.Regions...), f.Hub.Region())
	}
	return f
}

// IsHub reports whether that is the name of the fleet's hub.
func (f Fleet) IsHub(name string) bool { return f.Hub != nil && f.Hub.Name == name }
