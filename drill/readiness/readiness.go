// Package readiness says whether regions are ready to lead a dataset, before one of them has to: a file a check, and one list. Each
// asks the rule by which the thing itself is refused later: succession, trust, the actions' rules, what a region runs by its
// objects, the router's policy. So the preflight, a prediction and the gate of a failover say the same. It is pure.
package readiness

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// Check is one thing that a region needs to lead a dataset. To add one, write its file and its row in All.
type Check struct {
	Name string // in the preflight's table and its JSON
	Help string // what it asks, in a few words
	// Gates says that an automatic failover passes a region over for it, where the fleet's gate refuses. Whether a region answers
	// and holds the data is no part of the gate: the failover controller asks the replicas themselves, and its rule is stricter.
	// What a check finds may gate by itself too: see capacity.
	Gates bool
	// Find is what it finds; nil where the fleet has nothing that it could ask.
	Find func(Question) *preflight.Finding
}

// All is every check, in the order in which a person reads them: whether the region may lead at all comes first.
var All = []Check{residency, region, data, configured, roles, network, release, trusted, credentials, capacity}

// Question is one region as the next one to lead a dataset.
type Question struct {
	State   *drill.State
	Dataset *drill.DatasetState
	Region  string
	// Gone is the regions that are taken for lost by then: those that are, and the one that leads with all of its cluster.
	Gone func(region string) bool
}

// Of is how ready each region of the fleet is to lead a dataset, as things are, if the region that leads were lost now.
func Of(s *drill.State, d *drill.DatasetState) []preflight.Target {
	gone := Lost(s, d.Authority)
	var out []preflight.Target
	for _, name := range s.Fleet.RegionNames() {
		if name == d.Authority && !attribution.Stopped(s, name) {
			out = append(out, preflight.Target{Region: name, Dataset: d.Name, Leads: true, Findings: leads(Question{s, d, name, gone})})
			continue
		}
		out = append(out, preflight.Target{Region: name, Dataset: d.Name, Findings: Question{s, d, name, gone}.Ask(All)})
	}
	return out
}

// Every is Of for each dataset of the fleet, in its order.
func Every(s *drill.State) (out []preflight.Target) {
	for _, d := range s.Datasets {
		out = append(out, Of(s, d)...)
	}
	return out
}

// Lost is the regions that are gone if one is lost now: it, what shares its cluster, and what answers nobody already.
func Lost(s *drill.State, lost string) func(region string) bool {
	domain := s.Fleet.Domain(lost)
	return func(region string) bool {
		return lost != "" && (region == lost || slices.Contains(domain, region)) || attribution.Stopped(s, region)
	}
}

// Ask is what some checks find. What bars a region from leading says all there is to say of it.
func (q Question) Ask(checks []Check) (out []preflight.Finding) {
	for _, c := range checks {
		f := c.Find(q)
		if f == nil {
			continue
		}
		f.Check, f.Gates = c.Name, c.Gates || f.Gates
		if f.Status == preflight.Barred {
			return []preflight.Finding{*f}
		}
		out = append(out, *f)
	}
	return out
}

// leads is what matters of a region that leads already: whether writes are taken there.
func leads(q Question) []preflight.Finding {
	q.Gone = func(region string) bool { return attribution.Stopped(q.State, region) }
	return q.Ask([]Check{region, configured, roles, network, release, trusted, credentials})
}

func ready(why string) *preflight.Finding {
	return &preflight.Finding{Status: preflight.Ready, Why: why}
}

func unknown(why, next string) *preflight.Finding {
	return &preflight.Finding{Status: preflight.Unknown, Why: why, Next: next}
}

func unready(why, next string) *preflight.Finding {
	return &preflight.Finding{Status: preflight.Unready, Why: why, Next: next}
}

// Lines is what a prediction says of a region that takes over: who would not get through to it, now or soon, and that it gets more
// users than it takes. What else a preflight finds the prediction has by the rules themselves: who may lead and what would be lost by package
// succession, what a region refuses by what it runs by config.Restrictions.
func Lines(q Question) (lines []string) {
	for _, no := range trust.Ready(q.State, q.Region, q.Gone) {
		lines = append(lines, no.String())
	}
	if f := credentials.Find(q); f != nil && f.Status == preflight.Unready {
		lines = append(lines, q.Region+", which takes over: "+f.Why)
	}
	if f := capacity.Find(q); f != nil && f.Status == preflight.Unready {
		lines = append(lines, q.Region+", which takes over, "+f.Why)
	}
	return lines
}
