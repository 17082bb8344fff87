package topology

import "slices"

// Kinds of failure domain: what a fault can take away at once, and what a blast radius is counted by.
const (
	DomainRegion      = "region"
	DomainCluster     = "cluster"
	DomainEnvironment = "environment"
	DomainTeam        = "team"
	DomainHub         = "hub"
)

// Domain is the failure domain of a region: it and all regions that share its cluster,
// in the file's order. It is nil for a region that the fleet does not have.
func (f Fleet) Domain(region string) []string {
	if f.IsHub(region) {
		return []string{region}
	}
	at := slices.IndexFunc(f.Regions, func(r Region) bool { return r.Name == region })
	if at < 0 {
		return nil
	}
	if f.Regions[at].Cluster == "" {
		return []string{region}
	}
	return f.where(func(r Region) bool { return r.Cluster == f.Regions[at].Cluster })
}

// Domains is the names of the fleet's domains of a kind, in the file's order: its clusters that regions share, its
// environments, its teams.
func (f Fleet) Domains(kind string) (names []string) {
	if kind == DomainHub {
		if f.Hub != nil {
			return []string{f.Hub.Name}
		}
		return nil
	}
	for _, r := range f.Regions {
		if name := r.in(kind); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Members is the regions of a domain by its kind and name, in the file's order; nil where the fleet has none of it.
func (f Fleet) Members(kind, name string) []string {
	if kind == DomainHub {
		if f.IsHub(name) {
			return []string{name}
		}
		return nil
	}
	if name == "" {
		return nil
	}
	return f.where(func(r Region) bool { return r.in(kind) == name })
}

// Falling is the regions that go down where all of those do: each with all that share its cluster, in the file's order.
func (f Fleet) Falling(regions []string) (all []string) {
	for _, r := range regions {
		for _, member := range f.Domain(r) {
			if !slices.Contains(all, member) {
				all = append(all, member)
			}
		}
	}
	order := append(f.RegionNames(), f.Domains(DomainHub)...)
	slices.SortFunc(all, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return all
}

// Serves reports whether a region may serve a population: one of an environment or a team is served by regions of the same,
// and by those that belong to nobody. A population that names none is served by any region.
func (f Fleet) Serves(region string, p Population) bool {
	i := slices.IndexFunc(f.Regions, func(r Region) bool { return r.Name == region })
	if i < 0 {
		return false
	}
	fits := func(wanted, is string) bool { return wanted == "" || is == "" || wanted == is }
	return fits(p.Environment, f.Regions[i].Environment) && fits(p.Team, f.Regions[i].Team)
}

func (f Fleet) where(is func(Region) bool) (names []string) {
	for _, r := range f.Regions {
		if is(r) {
			names = append(names, r.Name)
		}
	}
	return names
}

// in is the name of the region's domain of a kind; "" where it is in none.
func (r Region) in(kind string) string {
	switch kind {
	case DomainRegion:
		return r.Name
	case DomainCluster:
		return r.Cluster
	case DomainEnvironment:
		return r.Environment
	case DomainTeam:
		return r.Team
	}
	return ""
}
