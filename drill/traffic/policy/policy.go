// Package policy is the rules by which the global router picks a region for a population: a file a policy, and one list.
// To add one, write its file and its row in All. Policies are pure: they see no health beyond the candidates given, and
// keep nothing between calls.
package policy

import "github.com/fleetdrill/fleetdrill/drill/topology"

// Policy is one rule.
type Policy struct {
	Name  string // as routing.policy in a fleet file says it
	Words string // what it does, for help: "each population to …"
	// Pick returns the candidate for the population, "" without candidates. Candidates are names of regions in the
	// fleet file's order.
	Pick func(p topology.Population, candidates []string) string
	// Chosen and Returned complete the reason of a reroute after the region's name: "us-east is the nearest that is up",
	// "us-east is nearer and serves again".
	Chosen, Returned string
}

// All is every policy; the first is the default.
var All = []Policy{nearest, failover}

// Default is the policy of a fleet that names none.
func Default() Policy { return All[0] }

// Find is the policy of that name. None is the default; of a name that is not in All it is false, and the default.
func Find(name string) (Policy, bool) {
	if name == "" {
		return Default(), true
	}
	for _, p := range All {
		if p.Name == name {
			return p, true
		}
	}
	return Default(), false
}

// Names lists the policies' names.
func Names() []string {
	names := make([]string, 0, len(All))
	for _, p := range All {
		names = append(names, p.Name)
	}
	return names
}
