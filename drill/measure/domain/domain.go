// Package domain is the blast radius by failure domain: which of the users of each environment, team and shared cluster were
// affected.
package domain

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Users is the users of one failure domain whom a command affected.
type Users struct {
	In topology.Target
	measure.Affected
}

// Affected is the users affected by a command (measure.AffectedBy) in each domain of the fleet, in the file's order: those
// of each environment and of each team, and of each cluster that regions share those whom it served before the first step.
// A domain without users is left out.
func Affected(s *drill.State, command int) (all []Users) {
	for _, kind := range []string{topology.DomainEnvironment, topology.DomainTeam, topology.DomainCluster} {
		for _, name := range topology.DomainsOf(s.Fleet, kind) {
			in := Users{topology.Target{Kind: kind, Name: name}, measure.Affected{Command: command}}
			some := false
			for _, p := range s.Populations {
				if !inDomain(s, p, in.In) {
					continue
				}
				some = true
				in.Plus(measure.AffectedBy(s, command, p.Spec.Name))
			}
			if some {
				all = append(all, in)
			}
		}
	}
	return all
}

// AffectedNow is measure.AffectedNow of a domain's own users; not known where none of them asked.
func AffectedNow(s *drill.State, t topology.Target) measure.Affected {
	var of []*drill.PopulationState
	for _, p := range s.Populations {
		if inDomain(s, p, t) {
			of = append(of, p)
		}
	}
	return measure.AffectedAmong(of...)
}

// inDomain reports whether a population is of a domain.
func inDomain(s *drill.State, p *drill.PopulationState, t topology.Target) bool {
	switch t.Kind {
	case topology.DomainEnvironment:
		return p.Spec.Environment == t.Name
	case topology.DomainTeam:
		return p.Spec.Team == t.Name
	}
	home := s.Region(servedMostBy(s, p))
	return home != nil && home.Spec.Cluster == t.Name
}

// servedMostBy is the region that answered most of a population's requests in the last sample of the steady check; of
// several that answered as many the file's first, "" where none did.
func servedMostBy(s *drill.State, p *drill.PopulationState) (most string) {
	last := p.Steady
	if last == nil {
		last = p.Last
	}
	if last == nil {
		return ""
	}
	for _, region := range s.Fleet.RegionNames() {
		if n := last.ServedBy[region]; n > 0 && (most == "" || n > last.ServedBy[most]) {
			most = region
		}
	}
	return most
}
