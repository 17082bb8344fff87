package topology

import "time"

// How a region's gateway finds the region that takes a dataset's writes, as discovery in a fleet file says it.
const (
	// DiscoveryBareDNS is a name whose address is kept: for the record's TTL, or for as long as the process runs.
	DiscoveryBareDNS = "bare-dns"
	// DiscoveryMirror is a mirrored Service, as Linkerd's and Submariner's: an endpoint is copied from its cluster, and
	// goes only once that cluster says so. Of one that is silent nobody removes anything.
	DiscoveryMirror = "mirror"
	// DiscoveryFleet is endpoints that are health-checked across clusters, as a ServiceImport of the Multi-Cluster Services
	// API (KEP-1645) has them: one that does not answer is taken out.
	DiscoveryFleet = "fleet"
)

// Discoveries are all that there are.
func Discoveries() []string { return []string{DiscoveryBareDNS, DiscoveryMirror, DiscoveryFleet} }

// How long an address is kept that a name server gave.
const (
	// CacheTTL is what the record says.
	CacheTTL = "ttl"
	// CacheProcess is for as long as the process runs: the JVM's networkaddress.cache.ttl of -1, which it has under a
	// security manager, and connection pools that never look again.
	CacheProcess = "process"
)

// Caches are all that there are.
func Caches() []string { return []string{CacheTTL, CacheProcess} }

// DefaultDiscoveryTTL is what CoreDNS's kubernetes plugin gives a Service's records where its configuration does not say.
const DefaultDiscoveryTTL = 5 * time.Second

// Discovery is how gateways find the authority of a dataset. The zero value is none: the failover controller tells each
// gateway, at every move, which is what DiscoveryFleet comes to but for its health checks.
type Discovery struct {
	Kind  string        `json:"kind"`
	TTL   time.Duration `json:"ttl,omitempty"`   // of DiscoveryBareDNS: of the records
	Cache string        `json:"cache,omitempty"` // of DiscoveryBareDNS: CacheTTL or CacheProcess
}

// DiscoveryOf is how a region's gateway finds authorities: by the region's own kind if it has one, else the fleet's.
func (f Fleet) DiscoveryOf(region string) Discovery {
	d := Discovery{TTL: DefaultDiscoveryTTL, Cache: CacheTTL}
	if f.Discovery != nil {
		d = *f.Discovery
	}
	for _, r := range f.Regions {
		if r.Name == region && r.Discovery != "" {
			d.Kind = r.Discovery
		}
	}
	return d
}

// Discovers reports whether any region of a fleet finds authorities by itself.
func Discovers(f Fleet) bool {
	for _, r := range f.Regions {
		if f.DiscoveryOf(r.Name).Kind != "" {
			return true
		}
	}
	return false
}

// StoreName is the name that a region's store has inside its own cluster: its Service and namespace in
// kindconfigs/manifests. Elsewhere it is nobody's, or another store's.
const StoreName = "store.fleetdrill.svc.cluster.local"

// ServiceOf is the name of the Service by which clusters export and import a dataset, which is no other Service's of a region.
func ServiceOf(dataset string) string { return "data-" + dataset }
