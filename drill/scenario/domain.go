package scenario

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// domains reads what a fleet file says of its failure domains.
type domains struct{ *fleetReader }

// member reads the name of a domain that some region is in.
func (r domains) member(n *yaml.Node, kind string) string {
	names := topology.DomainsOf(r.fleet, kind)
	if len(names) == 0 {
		if v := r.name(n, kind, "prod"); v != "" {
			r.Bad(n, "no region has %s: %s; add it to those that serve these users, or leave it out here", article(kind), v)
		}
		return ""
	}
	v, _ := r.OneOf(n, kind, names, "the regions have")
	return v
}

func article(kind string) string {
	if kind == topology.DomainEnvironment {
		return "an " + kind
	}
	return "a " + kind
}

// servedBy refuses a population that no region may serve.
func (r domains) servedBy(n *yaml.Node, p topology.Population) {
	if p.Environment == "" || p.Team == "" || slices.ContainsFunc(r.fleet.RegionNames(), func(g string) bool { return p.ServedBy(r.fleet, g) }) {
		return
	}
	r.Bad(n, "no region of environment %s is also of team %s, so nobody serves %s; name one of the two", p.Environment, p.Team, p.Name)
}

// hub reads the management cluster.
func (r domains) hub(n *yaml.Node) {
	h := topology.Hub{Name: topology.DefaultHub}
	var in *yaml.Node
	if !r.mapping(n, "the hub", []key{
		{"name", func(n *yaml.Node) { h.Name = r.free(n, r.name(n, "hub name", topology.DefaultHub)) }, ""},
		{"in", func(n *yaml.Node) { in = n; h.In, _ = r.regionName(n) }, ""},
		{"place", func(n *yaml.Node) { h.Place = places{r.fleetReader}.text(n) }, ""},
		{"jurisdiction", func(n *yaml.Node) { h.Jurisdiction = r.Text(n, "the jurisdiction", 20) }, ""},
		{"rtt", func(n *yaml.Node) { h.RTT = r.hubDistances(n) }, ""},
	}) || h.Name == "" {
		return
	}
	switch line, region := r.regionAt[h.Name]; {
	case region:
		r.Bad(n, "the hub has the name of the region in line %d; give it a name of its own", line)
	case slices.Contains(topology.ZoneNames(r.fleet), h.Name):
		r.Bad(n, "the hub has the name of a region's zone; give it a name of its own")
	case slices.Contains(topology.DomainsOf(r.fleet, topology.DomainCluster), h.Name):
		r.Bad(n, "the hub has the name of a cluster that regions share; give it a name of its own")
	case in != nil && (h.Place != "" || h.Jurisdiction != "" || h.RTT != nil):
		r.Bad(in, "a hub that is in %s is where that is; leave its place, jurisdiction and rtt out", strict.Quote(in))
	default:
		r.regionAt[h.Name], r.fleet.Hub = n.Line, &h
		if h.In == "" {
			r.clusterName(topology.Region{Name: h.Name}, "hub's")
		}
	}
}

// hubDistances reads the hub's round trips to regions; one that is missing has none.
func (r domains) hubDistances(n *yaml.Node) map[string]time.Duration {
	if n.Kind != yaml.MappingNode {
		r.Bad(n, "rtt of the hub is written as one round trip to each region; like {%s: 12ms}", r.anyRegion())
		return nil
	}
	rtts := map[string]time.Duration{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		region, ok := r.regionName(n.Content[i])
		if !ok {
			continue
		}
		if _, twice := rtts[region]; twice {
			r.Bad(n.Content[i], "the rtt to %s is there twice; keep one", region)
			continue
		}
		rtts[region] = r.Duration(n.Content[i+1], "rtt to "+region, 0)
		r.probed(n.Content[i+1], region, rtts[region])
	}
	return rtts
}

// probed refuses a region that the router's probes, by way of the hub, could not reach in time.
func (r domains) probed(n *yaml.Node, region string, rtt time.Duration) {
	if most := r.fleet.Routing.Probe.Timeout; most > 0 && rtt >= most {
		r.Bad(n, "rtt %s to %s is not below the probe's timeout of %s: it would never be seen up; raise routing.probe.timeout",
			strict.Written(rtt), region, strict.Written(most))
	}
}
