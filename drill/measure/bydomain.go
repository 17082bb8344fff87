package measure

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// InDomain is the users of one failure domain whom a command affected.
type InDomain struct {
	In    topology.Target
	Users Affected
}

// AffectedByDomain is the users affected by a command (AffectedBy) in each domain of the fleet, in the file's order: those
// of each environment and of each team, and of each cluster that regions share those whom it served before the first step.
// A domain without users is left out.
func AffectedByDomain(s *drill.State, command int) (all []InDomain) {
	for _, kind := range []string{topology.DomainEnvironment, topology.DomainTeam, topology.DomainCluster} {
		for _, name := range s.Fleet.Domains(kind) {
			in := InDomain{topology.Target{Kind: kind, Name: name}, Affected{Command: command}}
			some := false
			for _, p := range s.Populations {
				if !inDomain(s, p, in.In) {
					continue
				}
				some = true
				one := AffectedBy(s, command, p.Spec.Name)
				in.Users.add(one.Asked, one.Affected)
				in.Users.Open = in.Users.Open || one.Open
			}
			if some {
				all = append(all, in)
			}
		}
	}
	return all
}

// AffectedNowIn is AffectedNow of a domain's own users; not known where none of them asked.
func AffectedNowIn(s *drill.State, t topology.Target) Affected {
	var of []*drill.PopulationState
	for _, p := range s.Populations {
		if inDomain(s, p, t) {
			of = append(of, p)
		}
	}
	return AffectedAmong(of...)
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
