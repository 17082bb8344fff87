package topology

import "slices"

// Kinds of failure domain: what a fault can take away at once, and what a blast radius is counted by.
const (
	DomainRegion      = "region"
	DomainCluster     = "cluster"
	DomainEnvironment = "environment"
	DomainTeam        = "team"
	DomainHub         = "hub"
	DomainZone        = "zone"
)

// Target names a failure domain that is not a region, by its kind and its name.
type Target struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// String is the domain as a person would say it: "environment staging", "the hub".
func (t Target) String() string {
	if t.Kind == DomainHub {
		return "the hub"
	}
	return t.Kind + " " + t.Name
}

// TargetKinds is the kinds of domain that a fault can name beside a region.
func TargetKinds() []string {
	return []string{DomainCluster, DomainEnvironment, DomainHub, DomainZone}
}

// Wider is the domains that a region is in and that take away more than its own failure domain does, and the hub.
func Wider(f Fleet, region string) (all []Target) {
	own := f.Domain(region)
	for _, kind := range TargetKinds() {
		for _, name := range DomainsOf(f, kind) {
			members := Target{kind, name}.Members(f)
			falls := Falling(f, members)
			if kind == DomainHub && !slices.Equal(falls, own) || slices.Contains(members, region) && len(falls) > len(own) {
				all = append(all, Target{kind, name})
			}
		}
	}
	return all
}

// Around is the domains that a fault can name where a region is looked at: those that are wider, and the region's zones.
func Around(f Fleet, region string) []Target {
	all := Wider(f, region)
	for _, r := range f.Regions {
		if r.Name == region {
			for _, zone := range r.ZoneNames() {
				all = append(all, Target{DomainZone, zone})
			}
		}
	}
	return all
}

// Domain is the failure domain of a region or of the hub: it and all that share its cluster,
// in the file's order, the hub last. It is nil for a region that the fleet does not have.
func (f Fleet) Domain(region string) []string {
	f = f.Standing()
	at := slices.IndexFunc(f.Regions, func(r Region) bool { return r.Name == region })
	if at < 0 {
		return nil
	}
	if f.Regions[at].Cluster == "" {
		return []string{region}
	}
	return where(f, func(r Region) bool { return r.Cluster == f.Regions[at].Cluster })
}

// DomainsOf is the names of the fleet's domains of a kind, in the file's order: its clusters that regions share, its
// environments, its teams.
func DomainsOf(f Fleet, kind string) (names []string) {
	if kind == DomainHub {
		if f.Hub != nil {
			return []string{f.Hub.Name}
		}
		return nil
	}
	if kind == DomainZone {
		return ZoneNames(f)
	}
	for _, r := range f.Regions {
		if name := r.in(kind); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Members is the fleet's regions that are in the domain, in the file's order; nil where there is none, as in a zone, which
// is in a region.
func (t Target) Members(f Fleet) []string {
	if t.Kind == DomainHub {
		if f.Hub.Is(t.Name) {
			return []string{t.Name}
		}
		return nil
	}
	if t.Name == "" {
		return nil
	}
	return where(f, func(r Region) bool { return r.in(t.Kind) == t.Name })
}

// Falling is the regions that go down where all of those do: each with all that share its cluster, in the file's order.
func Falling(f Fleet, regions []string) (all []string) {
	for _, r := range regions {
		for _, member := range f.Domain(r) {
			if !slices.Contains(all, member) {
				all = append(all, member)
			}
		}
	}
	order := f.Standing().RegionNames()
	slices.SortFunc(all, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return all
}

// ServedBy reports whether a region may serve the population: one of an environment or a team is served by regions of the same,
// and by those that belong to nobody. A population that names none is served by any region.
func (p Population) ServedBy(f Fleet, region string) bool {
	i := slices.IndexFunc(f.Regions, func(r Region) bool { return r.Name == region })
	if i < 0 {
		return false
	}
	fits := func(wanted, is string) bool { return wanted == "" || is == "" || wanted == is }
	return fits(p.Environment, f.Regions[i].Environment) && fits(p.Team, f.Regions[i].Team)
}

func where(f Fleet, is func(Region) bool) (names []string) {
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
