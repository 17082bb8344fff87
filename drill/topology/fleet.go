// Package topology is what a fleet file says, checked: regions, the links between them, the
// users in front of them and the datasets inside.
package topology

import (
	"cmp"
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
	// Hub is the management cluster; nil where the failover controller and the router's probes stand outside every
	// region, with no distance of their own.
	Hub *Hub `json:"hub,omitempty"`
	// Discovery is how gateways find authorities in other regions; nil where the failover controller tells them.
	Discovery *Discovery `json:"discovery,omitempty"`
	// Config is how regions get what they run; nil where their platform gives it to them by itself.
	Config *Config `json:"config,omitempty"`
	// Identity is by what regions trust each other; nil where they show no certificates.
	Identity *Identity `json:"identity,omitempty"`
	// Text is the file, word for word; empty where the fleet was read from none.
	Text string `json:"text,omitempty"`
}

// RegionNames lists the regions' names in the file's order.
func (f Fleet) RegionNames() []string {
	names := make([]string, len(f.Regions))
	for i, r := range f.Regions {
		names[i] = r.Name
	}
	return names
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

// Nearest is the regions by the round trip of their links with a place, as the file gives
// it: the nearest first, that place before all, and of equals in the order in which they
// come. It breaks the tie of replicas that reach equally far, wherever one is to lead next.
func (f Fleet) Nearest(to string, regions []string) []string {
	away := func(region string) time.Duration {
		if region == to {
			return -1
		}
		l, _ := f.LinkBetween(to, region)
		return l.RTT
	}
	by := slices.Clone(regions)
	slices.SortStableFunc(by, func(a, b string) int { return cmp.Compare(away(a), away(b)) })
	return by
}

// RTTs is the round trips from a region to each of the others.
func (f Fleet) RTTs(region string) map[string]time.Duration {
	out := map[string]time.Duration{}
	for _, other := range f.RegionNames() {
		if l, ok := f.LinkBetween(region, other); ok && other != region {
			out[other] = l.RTT
		}
	}
	return out
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

// Who decides that a failover goes on: the controller by itself, or a person who promotes.
const (
	DecideAuto     = "auto"
	DecideOperator = "operator"
)

// FailoverPolicy is who decides a promotion, and whether the old authority is fenced
// first. Lease is how long an authority serves writes without a renewal.
type FailoverPolicy struct {
	Decide string        `json:"decide"` // DecideAuto or DecideOperator
	Fence  bool          `json:"fence"`
	Lease  time.Duration `json:"lease"`
	// ScaleWeb says that a region which a failover promoted gets as many web replicas as the fleet says (Web.Replicas),
	// where it has fewer: a standby is paid for when it is needed.
	ScaleWeb bool `json:"scale_web,omitempty"`
	// Preflight is what the controller does about a region that is not ready to lead: PreflightWarn or PreflightRefuse. In journals
	// of before there is none, and it did nothing.
	Preflight string `json:"preflight,omitempty"`
}

// What an automatic failover does about a region that is not ready to lead.
const (
	// PreflightWarn has it promoted, and says so.
	PreflightWarn = "warn"
	// PreflightRefuse has it passed over for the next that is ready and as whole; without one it waits for a person.
	PreflightRefuse = "refuse"
)

// Refuses reports whether a region that is not ready to lead is passed over.
func (p FailoverPolicy) Refuses() bool { return p.Preflight == PreflightRefuse }

// ByOperator reports whether a failover waits for a person to promote.
func (p FailoverPolicy) ByOperator() bool { return p.Decide == DecideOperator }

// Defaults for what a fleet file leaves out.
const (
	// DefaultLease is long enough to ride out a garbage collection or one lost
	// renewal in three, short enough to keep the fencing stage under two seconds.
	DefaultLease = 1500 * time.Millisecond
	// DefaultRequestTimeout is when a user gives up and counts as failed.
	DefaultRequestTimeout = 2 * time.Second
	// DefaultWriteTimeout is how long a region waits for the answer to a write or a read
	// whose sender does not say how long it waits itself (users do, see AnswerWithin): above
	// four of the longest round trips that a fleet file usually has (220 ms: a handshake, the
	// request, and as much again for a disk and a queue), and half of DefaultRequestTimeout.
	DefaultWriteTimeout = time.Second
	// DefaultSlow is what a person takes for instantaneous: up to 0.1 s a reaction seems to be one's own doing (Nielsen,
	// "Response Times: The 3 Important Limits", 1993). Nobody is affected by less, even where a steady request takes 1 ms.
	DefaultSlow = 100 * time.Millisecond
)
