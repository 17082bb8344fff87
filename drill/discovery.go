package drill

import (
	"github.com/fleetdrill/fleetdrill/drill/staleness"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

func init() {
	register[DiscoverySampled]()
}

// DiscoverySampled is what the gateways of a fleet found of each dataset's authority by themselves at one moment, and what
// came of their calls. It is sampled where regions discover authorities (topology.Discovery).
type DiscoverySampled struct {
	Found []telemetry.Discovery `json:"found"`
}

// Kind implements Body.
func (DiscoverySampled) Kind() string { return "discovery.sampled" }

func (b DiscoverySampled) fold(s *State, _ Event) {
	for _, found := range b.Found {
		d := find(s.Discovery, func(x *DiscoveryState) bool { return x.Region == found.Region && x.Dataset == found.Dataset })
		if d == nil {
			d = staleness.New(s.Now)
			s.Discovery = append(s.Discovery, d)
		}
		d.Take(found, s.Now)
	}
}

// DiscoveryState is one region's finding of one dataset's authority.
type DiscoveryState = staleness.State
