package policy

import "github.com/fleetdrill/fleetdrill/drill/topology"

// nearest sends a population where its round trip is shortest; between equals, to the first in the fleet file. A round
// trip that is not given is none, as it is for the population's link.
var nearest = Policy{
	Name:     "nearest",
	Words:    "each population to the region with the shortest round trip that serves",
	Chosen:   "is the nearest that is up",
	Returned: "is nearer and serves again",
	Pick: func(p topology.Population, candidates []string) string {
		best := ""
		for _, region := range candidates {
			if best == "" || p.RTT[region] < p.RTT[best] {
				best = region
			}
		}
		return best
	},
}
