package topology

import "time"

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
	Datasets []string      `json:"datasets,omitempty"`
	Timeout  time.Duration `json:"timeout"`
	// Slow is the least time after which a request is slow, however fast the steady ones are; zero is DefaultSlow.
	Slow time.Duration            `json:"slow,omitempty"`
	RTT  map[string]time.Duration `json:"rtt"`
	// Entry is what these users come in by, where it is not the fleet's (Routing.Entry).
	Entry string `json:"entry,omitempty"`
	// IgnoreTTL is the share of users, from 0 to 1, whose resolver keeps an answer for longer than its TTL.
	IgnoreTTL float64 `json:"ignore_ttl,omitempty"`
	// Keep is the share of users, from 0 to 1, who keep their connection: as long as it is answered they don't look up
	// anew where to go.
	Keep float64 `json:"keep,omitempty"`
	// Jurisdiction is the law that these users are under: policy geo serves them in regions under the same law alone. "" is
	// anywhere.
	Jurisdiction string `json:"jurisdiction,omitempty"`
	// Place is where they live, as a region's is.
	Place string `json:"place,omitempty"`
	// Reads is where these users' reads are answered: ReadsNearest, which "" is, or ReadsAuthority.
	Reads string `json:"reads,omitempty"`
	// ReadOwn is the share of reads, from 0 to 1, in which a user looks at what they wrote just before.
	ReadOwn float64 `json:"read_own,omitempty"`
	// Environment and Team are whose users they are: only regions of the same serve them (ServedBy).
	Environment string `json:"environment,omitempty"`
	Team        string `json:"team,omitempty"`
	// Retries is how its clients send a request again that failed.
	Retries Retries `json:"retries,omitzero"`
}

// DefaultResolvers is how many DNS resolvers a population sits behind. With
// eight, a reroute moves users in steps of an eighth of them over the TTL.
const DefaultResolvers = 8

// Where reads are answered, as the reads of a population in a fleet file say it.
const (
	// ReadsNearest is the replica of the region that serves the user, or the nearest to it: near, and behind by its lag.
	ReadsNearest = "nearest"
	// ReadsAuthority is the authority, wherever that is: it has every write that was acknowledged.
	ReadsAuthority = "authority"
)

// ReadsFrom are all that there are.
func ReadsFrom() []string { return []string{ReadsNearest, ReadsAuthority} }
