package topology

import "time"

// Routing is how the global router in front of the regions behaves.
type Routing struct {
	Policy string        `json:"policy"`          // a name in drill/traffic/policy
	Entry  string        `json:"entry,omitempty"` // EntryDNS or EntryLB; "" is EntryDNS
	DNSTTL time.Duration `json:"dns_ttl"`
	Probe  Probe         `json:"probe"`
	// Weights is the share of requests, from 0 to 1, of each region that has one: policy weighted alone.
	Weights map[string]float64 `json:"weights,omitempty"`
	// Order is the primary and its standbys, the primary first: policy failover alone. Empty is the order of the regions.
	Order []string `json:"order,omitempty"`
	// Ramp is how long a region that comes back takes until it has its whole share; 0 is at once.
	Ramp time.Duration `json:"ramp,omitempty"`
}

// Probe is a health probe: one every Every, each given up after Timeout; a region is down after DownAfter failures in a row,
// up after UpAfter successes. One that was down is up again only once it has answered for HoldDown without a failure.
type Probe struct {
	Every     time.Duration `json:"every"`
	Timeout   time.Duration `json:"timeout"`
	DownAfter int           `json:"down_after"`
	UpAfter   int           `json:"up_after"`
	HoldDown  time.Duration `json:"hold_down,omitempty"`
}

// DefaultProbe detects a dead region in about a second.
var DefaultProbe = Probe{Every: 250 * time.Millisecond, Timeout: 500 * time.Millisecond, DownAfter: 3, UpAfter: 4}

// DefaultDNSTTL is short: public providers' failover records commonly use 30–60 s, which a drill cannot wait for.
const DefaultDNSTTL = 2 * time.Second

const (
	// RampLeast is the part of its share that a region has at the least while it ramps up: min_weight_percent of Envoy's
	// slow start, which is 10 % where nothing is said.
	RampLeast = 0.1
	// FlapDowns is how many times a region's probes turn from answered to failed within FlapWindow until it counts as one
	// that flaps: a route that BGP's damping is first to hold back has been withdrawn three times (RFC 2439: 1,000 a flap,
	// held back above 2,000).
	FlapDowns = 3
	// FlapWindow is short, as all times of a drill are; damping forgets by halves, in 15 minutes each.
	FlapWindow = 30 * time.Second
	// mostHolds bounds by how many times HoldDown grows: as Envoy's max_ejection_time (300 s) bounds base_ejection_time
	// (30 s) in its outlier detection.
	mostHolds = 10
)

// Ramped is which part of its share, from RampLeast to 1, a region has so long after it came back. It grows in a line, as in
// Envoy's slow start with an aggression of 1, its default.
func (r Routing) Ramped(since time.Duration) float64 {
	if r.Ramp <= 0 || since >= r.Ramp {
		return 1
	}
	return max(RampLeast, float64(since)/float64(r.Ramp))
}

// Hold is for how long a region must answer without a failure until it is up again, that went down so many times within
// FlapWindow: HoldDown times that, as outlier detection ejects a host for base_ejection_time times how often it was ejected.
func (p Probe) Hold(downs int) time.Duration {
	return p.HoldDown * time.Duration(min(max(downs, 1), mostHolds))
}
