// Package policy is the rules by which the global router says where a population's requests go: a file a policy, and one
// list. To add one, write its file and its row in All. Policies are pure: they see no health beyond the regions given, and
// keep nothing between calls.
package policy

import (
	"errors"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Ask is what a policy is asked: where a population goes, of the regions that may be answered with.
type Ask struct {
	Routing    topology.Routing
	Population topology.Population
	Regions    []topology.Region // in the fleet file's order
}

// Policy is one rule.
type Policy struct {
	Name  string // as routing.policy in a fleet file says it
	Words string // what it does, for help: "each population to …"
	// Answer says where the population's requests go.
	Answer func(Ask) Answer
	// Chosen and Returned complete the reason of a reroute after the region's name: "us-east is the nearest that is up",
	// "us-east is nearer and serves again".
	Chosen, Returned string
}

// Why a population's requests go nowhere.
var (
	// ErrNoRegion is that no region serves.
	ErrNoRegion = errors.New("no region is up")
	// ErrJurisdiction is that regions may serve, and none where the population's law lets it be served.
	ErrJurisdiction = errors.New("no region in its jurisdiction is up")
)

// All is every policy; the first is the default.
var All = []Policy{nearest, weighted, failover, geo}

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

// Of is where a fleet's policy sends a population while those regions serve that serves says, of those that may serve it
// at all (Population.ServedBy).
func Of(f topology.Fleet, p topology.Population, serves func(region string) bool) Answer {
	ask := Ask{Routing: f.Routing, Population: p}
	for _, r := range f.Regions {
		if p.ServedBy(f, r.Name) && serves(r.Name) {
			ask.Regions = append(ask.Regions, r)
		}
	}
	rule, _ := Find(f.Routing.Policy)
	return rule.Answer(ask)
}
