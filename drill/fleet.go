package drill

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Fleet describes a fleet of regions, the links between them, the users in
// front of them and the data inside. It is what a fleet file says, checked.
type Fleet struct {
	Name     string         `json:"name"`
	Regions  []Region       `json:"regions"`
	Links    []Link         `json:"links"`
	Users    []Population   `json:"users"`
	Datasets []Dataset      `json:"datasets"`
	Routing  Routing        `json:"routing"`
	Failover FailoverPolicy `json:"failover"`
	Web      Web            `json:"web"`
}

// Region is one place that serves users: one kind cluster or one child process.
type Region struct {
	Name         string `json:"name"`
	Place        string `json:"place,omitempty"`
	Jurisdiction string `json:"jurisdiction,omitempty"`
	// Cluster is the name of the failure domain that the region shares with others of the
	// same name: what takes one of them away takes all. "" is a domain of its own.
	Cluster string `json:"cluster,omitempty"`
}

// Link is the path between two regions. RTT is the full round trip, half of it
// each way. Bandwidth is in bits per second each way; 0 means unlimited.
type Link struct {
	Between   [2]string     `json:"between"`
	RTT       time.Duration `json:"rtt"`
	Jitter    time.Duration `json:"jitter,omitempty"`
	Bandwidth int64         `json:"bandwidth,omitempty"`
}

// Population is a group of users who live in one place. Rate is requests per
// second of the whole population, open loop; Writes is the share of them that
// write, from 0 to 1. RTT is the round trip to each region by its name: that of
// the users' distance, so it is given, not measured.
type Population struct {
	Name   string  `json:"name"`
	Count  int     `json:"count"`
	Rate   float64 `json:"rate"`
	Writes float64 `json:"writes"`
	// Datasets are those that the population reads and writes; empty means all.
	Datasets []string                 `json:"datasets,omitempty"`
	Timeout  time.Duration            `json:"timeout"`
	RTT      map[string]time.Duration `json:"rtt"`
}

// Mode says when a write to a dataset is acknowledged.
type Mode string

// The replication modes: a write is acknowledged once it is stored by the
// authority (async, pinned), by the authority and the region With (sync), or by
// a majority of the dataset's regions (quorum). Pinned also keeps every replica
// and every answer inside the jurisdiction.
const (
	ModeAsync  Mode = "async"
	ModeSync   Mode = "sync"
	ModeQuorum Mode = "quorum"
	ModePinned Mode = "pinned"
)

// Durability is what an acknowledgement means: the mode, and for sync the region
// that stores every write beside the authority.
type Durability struct {
	Mode Mode   `json:"mode"`
	With string `json:"with,omitempty"`
}

// String is the promise as a person would say it: "sync with eu-west".
func (p Durability) String() string {
	if p.With != "" {
		return string(p.Mode) + " with " + p.With
	}
	return string(p.Mode)
}

// Durability is what the dataset's mode says now.
func (d Dataset) Durability() Durability { return Durability{Mode: d.Mode, With: d.With} }

// Durabilities is every promise that an acknowledgement must keep: while a mode is
// being switched, that of before too.
func (d Dataset) Durabilities() []Durability {
	all := []Durability{d.Durability()}
	if d.Also != nil && *d.Also != d.Durability() {
		all = append(all, *d.Also)
	}
	return all
}

// Residency refuses a region, in a jurisdiction of that name, that the dataset is pinned
// out of; nil where the region may hold it. While its mode is switched either promise
// pins it.
func (d Dataset) Residency(region, jurisdiction string) error {
	for _, p := range d.Durabilities() {
		if p.Mode == ModePinned && jurisdiction != d.Jurisdiction {
			return fmt.Errorf("residency: %s is pinned to %s, %s is in %s", d.Name, d.Jurisdiction, region, cmp.Or(jurisdiction, "no jurisdiction"))
		}
	}
	return nil
}

// ClusterName is the name of the kind cluster of a fleet's region that has one to itself,
// or of a cluster that regions share (Region.Cluster).
func ClusterName(fleet, name string) string { return "fleetdrill-" + fleet + "-" + name }

// ClusterNameMax is how many letters that may have: kind adds "-control-plane" for the
// node, whose name is a host name and a label's value in Kubernetes, of at most 63 each.
const ClusterNameMax = 63 - len("-control-plane")

// Majority is how many of the dataset's regions are more than half of them.
func (d Dataset) Majority() int { return len(d.Regions)/2 + 1 }

// Dataset is data with one authoritative region and replicas in others.
type Dataset struct {
	Name         string   `json:"name"`
	Engine       string   `json:"engine"`
	Mode         Mode     `json:"mode"`
	Authority    string   `json:"authority"`
	Regions      []string `json:"regions"`
	With         string   `json:"with,omitempty"`
	Jurisdiction string   `json:"jurisdiction,omitempty"`
	Weight       int64    `json:"weight,omitempty"` // bytes preloaded
	// Also is a promise that is kept beside the mode's while the mode is being
	// switched, so that whoever promotes by either rule loses nothing; nil otherwise.
	Also *Durability `json:"also,omitempty"`
}

// Routing is how the global router in front of the regions behaves.
type Routing struct {
	Policy string        `json:"policy"` // "nearest"
	DNSTTL time.Duration `json:"dns_ttl"`
	Probe  Probe         `json:"probe"`
}

// Probe is a health probe: one every Every, each given up after Timeout; a
// region is down after DownAfter failures in a row, up after UpAfter successes.
type Probe struct {
	Every     time.Duration `json:"every"`
	Timeout   time.Duration `json:"timeout"`
	DownAfter int           `json:"down_after"`
	UpAfter   int           `json:"up_after"`
}

// FailoverPolicy is who decides a promotion, and whether the old authority is fenced
// first. Lease is how long an authority serves writes without a renewal.
type FailoverPolicy struct {
	Decide string        `json:"decide"` // "auto" or "operator"
	Fence  bool          `json:"fence"`
	Lease  time.Duration `json:"lease"`
}

// Web is the stateless tier of each region. Capacity is requests per second of
// the region; above it requests are shed with 503. 0 means unlimited.
type Web struct {
	Replicas int     `json:"replicas"`
	Capacity float64 `json:"capacity"`
}

// Defaults for what a fleet file leaves out.
const (
	// DefaultLease is long enough to ride out a garbage collection or one lost
	// renewal in three, short enough to keep the fencing stage under two seconds
	// (DESIGN: "1.5 s by default").
	DefaultLease = 1500 * time.Millisecond
	// DefaultRequestTimeout is when a user gives up and counts as failed.
	DefaultRequestTimeout = 2 * time.Second
	// DefaultDNSTTL is the TTL that DESIGN's example uses; public providers'
	// failover records commonly use 30–60 s, which a drill cannot wait for.
	DefaultDNSTTL = 2 * time.Second
)

// DefaultProbe detects a dead region in about a second.
var DefaultProbe = Probe{Every: 250 * time.Millisecond, Timeout: 500 * time.Millisecond, DownAfter: 3, UpAfter: 4}

// RegionNames lists the regions' names in the file's order.
func (f Fleet) RegionNames() []string {
	names := make([]string, len(f.Regions))
	for i, r := range f.Regions {
		names[i] = r.Name
	}
	return names
}

// Domain is the failure domain of a region: it and all regions that share its cluster,
// in the file's order. It is nil for a region that the fleet does not have.
func (f Fleet) Domain(region string) []string {
	at := slices.IndexFunc(f.Regions, func(r Region) bool { return r.Name == region })
	if at < 0 {
		return nil
	}
	if f.Regions[at].Cluster == "" {
		return []string{region}
	}
	var all []string
	for _, r := range f.Regions {
		if r.Cluster == f.Regions[at].Cluster {
			all = append(all, r.Name)
		}
	}
	return all
}

// Has reports whether the fleet has a region of that name.
func (f Fleet) Has(region string) bool { return slices.Contains(f.RegionNames(), region) }

// LinkBetween finds the link of a pair of regions, in either order. A pair the
// file does not name has no link of its own and reports false.
func (f Fleet) LinkBetween(a, b string) (Link, bool) {
	for _, l := range f.Links {
		if l.Between == [2]string{a, b} || l.Between == [2]string{b, a} {
			return l, true
		}
	}
	return Link{}, false
}

// Dataset finds a dataset by name.
func (f Fleet) Dataset(name string) (Dataset, bool) {
	for _, d := range f.Datasets {
		if d.Name == name {
			return d, true
		}
	}
	return Dataset{}, false
}

// Population finds a population by name.
func (f Fleet) Population(name string) (Population, bool) {
	for _, p := range f.Users {
		if p.Name == name {
			return p, true
		}
	}
	return Population{}, false
}

// DatasetsOf is what a population reads and writes: what it names, else everything.
func (f Fleet) DatasetsOf(p Population) []string {
	if len(p.Datasets) > 0 {
		return p.Datasets
	}
	all := make([]string, len(f.Datasets))
	for i, d := range f.Datasets {
		all[i] = d.Name
	}
	return all
}

// TotalUsers is the number of users of all populations.
func (f Fleet) TotalUsers() int {
	n := 0
	for _, p := range f.Users {
		n += p.Count
	}
	return n
}
