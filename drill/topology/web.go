package topology

import (
	"slices"
	"time"
)

// MostWebReplicas is how many web replicas a region may have: what one laptop can be asked for.
const MostWebReplicas = 20

// Web is the stateless tier of each region. Capacity is requests per second of a region with so many Replicas, each of
// which takes its share; what is above it waits, and then is shed with 503. 0 means unlimited.
type Web struct {
	Replicas int     `json:"replicas"`
	Capacity float64 `json:"capacity"`
	// Queue is how long a request may wait for its turn; one that would wait longer is shed. 0 sheds at once.
	Queue time.Duration `json:"queue,omitempty"`
}

// DefaultQueue bounds a wait by time, since that is what a user notices: a length says it only together with the rate. CoDel
// (RFC 8289) measures a queue by its wait too, but drops from its head, once every wait of an interval of 100 ms was above 5 ms;
// here a request that would wait too long is shed as it comes, so the bound is all that it may wait. It is what a replica
// serves at once (WebBurst), so that a queue is never longer than the burst that filled it.
const DefaultQueue = 250 * time.Millisecond

// WebBurst is how much of a web replica's capacity may come at once: what this long brings. Requests that come by chance
// (Poisson) stay within it up to about the capacity, and wait no longer for it than a server with that many workers lets them.
const WebBurst = 250 * time.Millisecond

// PerReplica is the requests per second that one replica takes; 0 is unlimited.
func (w Web) PerReplica() float64 { return w.Capacity / float64(max(w.Replicas, 1)) }

// WebReplicas is how many web replicas a region begins with: what the region says, else what the fleet does, and one where
// that names none.
func WebReplicas(f Fleet, region string) int {
	if i := slices.IndexFunc(f.Regions, func(r Region) bool { return r.Name == region }); i >= 0 && f.Regions[i].Web != nil {
		return *f.Regions[i].Web
	}
	return max(f.Web.Replicas, 1)
}

// WebReplicas is the same, of the fleet.
func (f Fleet) WebReplicas(region string) int { return WebReplicas(f, region) }
