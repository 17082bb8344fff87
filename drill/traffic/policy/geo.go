package policy

import "github.com/fleetdrill/fleetdrill/drill/topology"

// geo sends a population to the nearest region under its own law. Where none of those serves its users are refused, not
// moved: they may not be served elsewhere. A population without a jurisdiction goes to the nearest of all.
var geo = Policy{
	Name:     "geo",
	Words:    "each population to the nearest region in its jurisdiction that serves, or nowhere",
	Chosen:   "is the nearest of its jurisdiction that is up",
	Returned: "is nearer and serves again",
	Answer: func(a Ask) Answer {
		if a.Population.Jurisdiction == "" {
			return nearest.Answer(a)
		}
		var lawful []topology.Region
		for _, r := range a.Regions {
			if r.Jurisdiction == a.Population.Jurisdiction {
				lawful = append(lawful, r)
			}
		}
		if len(lawful) == 0 {
			return Answer{Err: ErrJurisdiction}
		}
		return all(nearestOf(a.Population, lawful))
	},
}

// Refusal says why geo refuses such a population's users.
func Refusal(p topology.Population) string { return "no region in " + p.Jurisdiction + " is up" }
