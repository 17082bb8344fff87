package policy

import "github.com/fleetdrill/fleetdrill/drill/topology"

// nearest sends a population where its round trip is shortest; between equals, to the first in the fleet file. A round
// trip that is not given is none, as it is for the population's link.
var nearest = Policy{
	Name:     "nearest",
	Words:    "each population to the region with the shortest round trip that serves",
	Chosen:   "is the nearest that is up",
	Returned: "is nearer and serves again",
	Answer:   func(a Ask) Answer { return all(nearestOf(a.Population, a.Regions)) },
}

// nearestOf is the region nearest to a population; "" without regions.
func nearestOf(p topology.Population, regions []topology.Region) string {
	best := ""
	for _, r := range regions {
		if best == "" || p.RTT[r.Name] < p.RTT[best] {
			best = r.Name
		}
	}
	return best
}
