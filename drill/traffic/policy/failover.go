package policy

import "github.com/fleetdrill/fleetdrill/drill/topology"

// failover sends everybody to one region, the primary, and to the next in the fleet file only while it does not serve.
var failover = Policy{
	Name:     "failover",
	Words:    "everybody to the first region in the fleet file that serves",
	Chosen:   "is the first that is up",
	Returned: "comes first and serves again",
	Pick: func(_ topology.Population, candidates []string) string {
		if len(candidates) == 0 {
			return ""
		}
		return candidates[0]
	},
}
