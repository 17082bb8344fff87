package scenario

import (
	"cmp"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// clusters checks the clusters that the fleet would become: a region's own, or one
// that several regions share, and with it their fate.
func (r *fleetReader) clusters() {
	r.zoneNames()
	for _, g := range r.fleet.Regions {
		if g.Cluster != "" {
			r.shared(g)
		}
		whose := "region's"
		if g.Cluster != "" {
			whose = "cluster's"
		}
		r.clusterName(g, whose)
	}
}

// shared checks what a region's cluster says against the rest of the fleet.
func (r *fleetReader) shared(g topology.Region) {
	line := r.regionAt[g.Name]
	domain := r.fleet.Domain(g.Name)
	if len(domain) == 1 {
		var others []string
		for _, o := range r.fleet.Regions {
			if o.Cluster != "" && o.Name != g.Name && !slices.Contains(others, o.Cluster) {
				others = append(others, o.Cluster)
			}
		}
		next := "; a region has a cluster of its own without it"
		if near := strict.Nearest(g.Cluster, others); near != "" {
			next = "; did you mean " + near + "?"
		}
		r.Add(line, "no other region is in cluster %q of %s%s", g.Cluster, g.Name, next)
		return
	}
	if r.fleet.Has(g.Cluster) && !slices.Contains(domain, g.Cluster) && domain[0] == g.Name {
		r.Add(line, "cluster %q has the name of a region that is not in it; choose another, or put region %s into it", g.Cluster, g.Cluster)
	}
	first := r.fleet.Regions[slices.IndexFunc(r.fleet.Regions, func(o topology.Region) bool { return o.Name == domain[0] })]
	if g.Kind != first.Kind && len(r.also) == 0 {
		r.Add(line, "%s and %s share cluster %q and name different kind configs; name the same one in both", first.Name, g.Name, g.Cluster)
	}
	if g.Jurisdiction != first.Jurisdiction {
		r.Add(line, "%s is in %s and %s in %s, but they share cluster %q: one machine is in one place", first.Name, cmp.Or(first.Jurisdiction, "no jurisdiction"),
			g.Name, cmp.Or(g.Jurisdiction, "no jurisdiction"), g.Cluster)
	}
}

// clusterName checks the name of the kind cluster that a region would be in, once for
// each cluster.
func (r *fleetReader) clusterName(g topology.Region, whose string) {
	if r.fleet.Name == "" || r.fleet.Domain(g.Name)[0] != g.Name {
		return
	}
	cluster := topology.ClusterName(r.fleet.Name, cmp.Or(g.Cluster, g.Name))
	if over := len(cluster) - topology.ClusterNameMax; over > 0 {
		r.Add(r.regionAt[g.Name], "the cluster %s would have %d letters, a node of kind takes %d; shorten the fleet's or the %s name by %d",
			cluster, len(cluster), topology.ClusterNameMax, whose, over)
	}
}
