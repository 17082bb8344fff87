package wire

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Discovery is how a gateway finds the region that takes a dataset's writes.
type Discovery struct {
	Kind string `json:"kind"` // a topology.Discovery… kind
	// Server is the name server that it asks (topology.DiscoveryBareDNS), host:port; Zone is below which the datasets' names
	// stand, as this region sees them; Cache is topology.CacheTTL or CacheProcess.
	Server string `json:"server,omitempty"`
	Zone   string `json:"zone,omitempty"`
	Cache  string `json:"cache,omitempty"`
	// Assumed is the name that another cluster's store has inside that cluster (topology.DiscoveryBareDNS): it is looked up once,
	// to see what comes of it. "" looks up none.
	Assumed string `json:"assumed,omitempty"`
	// Slices says that a topology.DiscoveryFleet's endpoints are the EndpointSlices of the region's own cluster, which whoever made
	// it keeps in step with health: topology.ServiceOf names a dataset's.
	Slices bool `json:"slices,omitempty"`
	// Probe is how the others are asked whether they lead (topology.DiscoveryMirror, DiscoveryFleet).
	Probe topology.Probe `json:"probe"`
}

// ServiceName is the name of a dataset's records in a region's zone: that of an SRV record (RFC 2782), since a relay has a
// port of its own.
func (d Discovery) ServiceName(dataset string) string { return "_store._tcp." + dataset + "." + d.Zone }

// Discovered is what a gateway found of one dataset, and what came of the calls that it sent there, since it started.
type Discovered struct {
	Dataset string `json:"dataset"`
	Kind    string `json:"kind"`
	// Endpoints are the regions that it would send a write to now.
	Endpoints []string `json:"endpoints"`
	// KeptFor is how long a name's address is kept yet (topology.CacheTTL); 0 where the next write looks it up, or the
	// process keeps it for good.
	KeptFor time.Duration `json:"kept_for,omitempty"`
	Calls   uint64        `json:"calls"` // that ended
	// Stale calls went to a region that did not answer (Unanswered of them) or that does not lead the dataset.
	Stale      uint64 `json:"stale"`
	Unanswered uint64 `json:"unanswered"`
	// None is writes for which there was no endpoint: they were refused at once, and are no calls.
	None uint64 `json:"none"`
	// Spell is the newest stretch of time in which calls were sent to a stale endpoint; nil before the first.
	Spell *Spell `json:"spell,omitempty"`
	// Assumed is what came of looking up Discovery.Assumed; nil before there was an answer.
	Assumed *LookedUp `json:"assumed,omitempty"`
}

// LookedUp is a name and what a name server said of it: its addresses, or a response code such as NXDOMAIN.
type LookedUp struct {
	Name string `json:"name"`
	Says string `json:"says"`
}

// Spell is how long ago the first and the last call of one kind were sent.
type Spell struct {
	BeganAgo time.Duration `json:"began_ago"`
	EndedAgo time.Duration `json:"ended_ago"`
}
