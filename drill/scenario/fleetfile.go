package scenario

import (
	"cmp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/clusterconfig"
	"github.com/fleetdrill/fleetdrill/drill/quantity"
	"github.com/fleetdrill/fleetdrill/drill/scenario/configfile"
	"github.com/fleetdrill/fleetdrill/drill/scenario/gateways"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// Limits of a fleet: what one laptop can be asked for, and what keeps the number of pairs, and so of problems about them, small.
const (
	maxRegions = 64
	maxUsers   = 1_000_000
	maxThings  = 64 // populations, datasets
)

// defaultWebs is how many web replicas a region has when the file says nothing:
// the fewest of which one can be lost.
const defaultWebs = 2

// The shortest settings that can be kept to on a busy laptop: a probe's timer, and
// a lease that is renewed five times in its length.
const (
	minProbe = 10 * time.Millisecond
	minSlow  = time.Millisecond
	minLease = 100 * time.Millisecond
)

// reserved names the ends of links that are no region and no population.
var reserved = []string{topology.EndControl, topology.EndOthers}

// fleetReader reads a fleet file: first each part by itself, then what the parts
// say of each other, with the lines remembered.
type fleetReader struct {
	*source
	fleet topology.Fleet

	nameAt     *yaml.Node
	regionAt   map[string]int
	refused    map[string]bool // names of regions that are not right
	userAt     map[string]int
	datasetAt  map[string]int
	linkAt     map[[2]string]int
	badPairs   int // links that are there, between what is no pair
	linksAt    *yaml.Node
	usersAt    *yaml.Node
	datasetsAt *yaml.Node
	discovery  *gateways.Discovery
	kinds      clusterconfig.Reader
	routing    routingReader
}

func readFleet(s *source) topology.Fleet {
	r := &fleetReader{
		source: s, discovery: &gateways.Discovery{Source: s.Source}, regionAt: map[string]int{}, refused: map[string]bool{}, userAt: map[string]int{}, datasetAt: map[string]int{}, linkAt: map[[2]string]int{},
		fleet: topology.Fleet{
			Text:     s.Written,
			Routing:  topology.Routing{Policy: policy.Default().Name, DNSTTL: topology.DefaultDNSTTL, Probe: topology.DefaultProbe},
			Failover: topology.FailoverPolicy{Decide: topology.DecideAuto, Fence: true, Lease: topology.DefaultLease},
			Web:      topology.Web{Replicas: defaultWebs, Queue: topology.DefaultQueue},
			Identity: gateways.DefaultIdentity(),
		},
	}
	r.routing = routingReader{source: s, fleet: &r.fleet, region: r.regionName}
	if s.Root == nil {
		return r.fleet
	}
	if s.Has("steps") && !s.Has("regions") {
		r.Bad(s.Root, "this is a drill, not a fleet; name the file of its fleet")
		return r.fleet
	}
	const regionsExample = "[{name: us-east, place: Virginia}]"
	var regions, hub, config *yaml.Node
	if !r.mapping(s.Root, "a fleet", []key{
		{"name", func(n *yaml.Node) { r.nameAt, r.fleet.Name = n, r.name(n, "fleet name", "three-regions") }, "name: three-regions"},
		{"regions", func(n *yaml.Node) { regions = n }, "regions: " + regionsExample},
		{"links", func(n *yaml.Node) { r.linksAt = n }, ""},
		{"users", func(n *yaml.Node) { r.usersAt = n }, "users, or nothing is measured"},
		{"datasets", func(n *yaml.Node) { r.datasetsAt = n }, "datasets, which the users read and write"},
		{"routing", r.routing.read, ""},
		{"failover", r.failover, ""},
		{"web", r.web, ""},
		{"hub", func(n *yaml.Node) { hub = n }, ""},
		{"discovery", func(n *yaml.Node) { r.fleet.Discovery = r.discovery.Read(n) }, ""},
		{"config", func(n *yaml.Node) { config = n }, ""},
		{"identity", func(n *yaml.Node) { r.fleet.Identity = gateways.Identity(s.Source, n) }, ""},
	}) {
		return r.fleet
	}
	// The other parts name regions, so these come first wherever they stand.
	if regions != nil {
		r.List(regions, "regions", regionsExample, r.region)
	}
	r.clusters()
	if hub != nil {
		domains{r}.hub(hub)
	}
	r.discovery.Check(r.fleet)
	r.fleet.Config = configfile.Read(r.Source, config, r.fleet)
	if r.linksAt != nil {
		r.List(r.linksAt, "links", "[{between: [us-east, eu-west], rtt: 80ms}]", r.link)
	}
	places{r}.links()
	r.missingLinks()
	places{r}.hub(hub)
	if r.datasetsAt != nil {
		r.List(r.datasetsAt, "datasets", "[{name: orders, mode: async, authority: us-east, regions: [us-east, eu-west]}]", r.dataset)
	}
	if r.usersAt != nil {
		r.List(r.usersAt, "users", "[{name: europe, count: 3000, rate: 40/s, writes: 25%, rtt: {eu-west: 12ms}}]", r.population)
	}
	r.routing.finish()
	return r.fleet
}

func (r *fleetReader) region(n *yaml.Node) {
	var g topology.Region
	var storeZone, kind *yaml.Node
	r.mapping(n, "a region", []key{
		{"name", func(n *yaml.Node) {
			g.Name = r.free(n, r.newName(n, "region name", "us-east", r.regionAt))
			if _, twice := r.regionAt[n.Value]; g.Name == "" && !twice {
				r.refused[n.Value], r.refused[slug(n.Value)] = true, true
			}
		}, "name: us-east"},
		{"place", func(n *yaml.Node) { g.Place = places{r}.text(n) }, ""},
		{"jurisdiction", func(n *yaml.Node) { g.Jurisdiction = r.Text(n, "the jurisdiction", 20) }, ""},
		{"zones", func(n *yaml.Node) { g.Zones = r.Integer(n, "zones", 2, topology.MostZones) }, ""},
		{"store_zone", func(n *yaml.Node) { storeZone = n }, ""},
		{"cluster", func(n *yaml.Node) { g.Cluster = r.name(n, "cluster name", "us") }, ""},
		{"kind", func(n *yaml.Node) { kind = n }, ""},
		{"web", func(n *yaml.Node) { g.Web = new(r.Integer(n, "web", 0, topology.MostWebReplicas)) }, ""},
		{"environment", func(n *yaml.Node) { g.Environment = r.name(n, "environment", "prod") }, ""},
		{"team", func(n *yaml.Node) { g.Team = r.name(n, "team", "payments") }, ""},
		{"discovery", func(n *yaml.Node) { g.Discovery = r.discovery.Kind(n) }, ""},
	})
	g.Jurisdiction = cmp.Or(g.Jurisdiction, jurisdictionOf(g.Place))
	r.zones(n, storeZone, &g)
	readKind(r, kind, &g)
	switch {
	case g.Name == "":
	case len(r.fleet.Regions) == maxRegions:
		r.refused[g.Name] = true
		r.Bad(n, "%s is one region too many; a fleet takes at most %d", g.Name, maxRegions)
	default:
		r.fleet.Regions = append(r.fleet.Regions, g)
	}
}

// free is the name, or "" when it is reserved.
func (r *fleetReader) free(n *yaml.Node, name string) string {
	if slices.Contains(reserved, name) {
		r.Bad(n, "the name %q is taken by fleetdrill itself; choose another", name)
		delete(r.regionAt, name)
		return ""
	}
	return name
}

// regionName reads the name of a region that the fleet has. One that was refused
// where the fleet lists it is not refused again, in either spelling.
func (r *fleetReader) regionName(n *yaml.Node) (string, bool) {
	if n.Kind == yaml.ScalarNode && (r.refused[n.Value] || len(r.fleet.Regions) == 0) {
		return "", false
	}
	return r.OneOf(n, "region", r.fleet.RegionNames(), "the regions are")
}

func (r *fleetReader) link(n *yaml.Node) {
	var l topology.Link
	paired := false
	if !r.mapping(n, "a link", []key{
		{"between", func(n *yaml.Node) { l.Between, paired = r.pair(n) }, "between: [us-east, eu-west]"},
		{"rtt", func(n *yaml.Node) { l.RTT = r.Duration(n, "rtt", 0) }, "rtt: 80ms, the full round trip"},
		{"jitter", func(n *yaml.Node) { l.Jitter = r.Duration(n, "jitter", 0) }, ""},
		{"bandwidth", func(n *yaml.Node) { l.Bandwidth = r.quantity(n, "bandwidth", quantity.Bits, "200Mbps") }, ""},
	}) {
		return
	}
	if !paired {
		r.badPairs++
		return
	}
	if l.Jitter > l.RTT {
		r.Bad(n, "jitter %s is more than the rtt %s; it takes at most that", strict.Written(l.Jitter), strict.Written(l.RTT))
	}
	if first, twice := r.linkAt[sorted(l.Between)]; twice {
		r.Bad(n, "the link between %s and %s is there twice, first in line %d; one entry stands for both directions",
			l.Between[0], l.Between[1], first)
		return
	}
	r.linkAt[sorted(l.Between)] = n.Line
	r.fleet.Links = append(r.fleet.Links, l)
}

// pair reads two different regions; it is false when they are not that.
func (r *fleetReader) pair(n *yaml.Node) (pair [2]string, ok bool) {
	if n.Kind != yaml.SequenceNode || len(n.Content) != 2 {
		r.Bad(n, "between takes two regions; like [us-east, eu-west]")
		return pair, false
	}
	a, okA := r.regionName(n.Content[0])
	b, okB := r.regionName(n.Content[1])
	if okA && okB && a == b {
		r.Bad(n, "a link from %s to itself; name two regions", a)
		return pair, false
	}
	return [2]string{a, b}, okA && okB
}

func sorted(pair [2]string) [2]string {
	if pair[0] > pair[1] {
		return [2]string{pair[1], pair[0]}
	}
	return pair
}

// missingLinks tells the pairs without a link, unless a link that is there and
// wrong may have been meant for each of them.
func (r *fleetReader) missingLinks() {
	var pairs [][2]string
	for i, a := range r.fleet.Regions {
		for _, b := range r.fleet.Regions[i+1:] {
			if _, there := r.linkAt[sorted([2]string{a.Name, b.Name})]; !there {
				pairs = append(pairs, [2]string{a.Name, b.Name})
			}
		}
	}
	if len(pairs) <= r.badPairs {
		return
	}
	line := r.Root.Line
	if r.linksAt != nil {
		line = r.linksAt.Line
	}
	for _, p := range pairs {
		r.Add(line, "no link between %s and %s; add {between: [%s, %s], rtt: 80ms}", p[0], p[1], p[0], p[1])
	}
}

func (r *fleetReader) population(n *yaml.Node) {
	p := topology.Population{Timeout: topology.DefaultRequestTimeout}
	var rtt, slow, own *yaml.Node
	var by entryKeys
	ok := r.mapping(n, "a population", []key{
		{"name", func(n *yaml.Node) {
			p.Name = r.free(n, r.newName(n, "population name", "europe", r.userAt))
			if line, taken := r.regionAt[p.Name]; taken {
				r.Bad(n, "population %q has the name of the region in line %d; links would be mistaken for each other", p.Name, line)
			}
		}, "name: europe"},
		{"count", func(n *yaml.Node) { p.Count = r.Integer(n, "count", 1, maxUsers) }, "count: 3000, how many users"},
		{"rate", func(n *yaml.Node) { p.Rate = r.rate(n, "rate") }, "rate: 40/s, of all of them together"},
		{"writes", func(n *yaml.Node) { p.Writes = r.share(n, "writes") }, "writes: 25%, the share of requests that write"},
		{"datasets", func(n *yaml.Node) { p.Datasets = r.used(n) }, ""},
		{"timeout", func(n *yaml.Node) { p.Timeout = r.Duration(n, "timeout", minProbe) }, ""},
		{"slow", func(n *yaml.Node) { slow, p.Slow = n, r.Duration(n, "slow", minSlow) }, ""},
		{"entry", func(n *yaml.Node) { p.Entry, _ = r.OneOf(n, "entry", topology.Entries(), "there are") }, ""},
		{"ignore_ttl", func(n *yaml.Node) { by.ignore, p.IgnoreTTL = n, r.share(n, "ignore_ttl") }, ""},
		{"retries", func(n *yaml.Node) { p.Retries = r.retries(n) }, ""},
		{"keep", func(n *yaml.Node) { by.keep, p.Keep = n, r.share(n, "keep") }, ""},
		{"jurisdiction", func(n *yaml.Node) { p.Jurisdiction = r.routing.jurisdiction(n) }, ""},
		{"reads", func(n *yaml.Node) { p.Reads, _ = r.OneOf(n, "reads", topology.ReadsFrom(), "there are") }, ""},
		{"read_own", func(n *yaml.Node) { own, p.ReadOwn = n, r.share(n, "read_own") }, ""},
		{"environment", func(n *yaml.Node) { p.Environment = domains{r}.member(n, topology.DomainEnvironment) }, ""},
		{"team", func(n *yaml.Node) { p.Team = domains{r}.member(n, topology.DomainTeam) }, ""},
		{"place", func(n *yaml.Node) { p.Place = places{r}.text(n) }, ""},
		{"rtt", func(n *yaml.Node) { rtt = n }, ""},
	})
	far := places{r}.fromUsers(p)
	r.entries(p, by)
	if p.ReadOwn > 0 && ok && (p.Writes == 0 || p.Writes == 1) {
		r.Bad(own, "read_own is of users who write and read, and %s do only one of them; leave it out, or change writes", p.Name)
	}
	domains{r}.servedBy(n, p)
	switch {
	case rtt != nil:
		p.RTT = r.distances(rtt, p, far)
	case ok && p.Name != "":
		p.RTT = places{r}.distances(n, p, far)
	}
	if slow != nil && p.Timeout > 0 && p.Slow >= p.Timeout {
		r.Bad(slow, "slow %s is not below the users' timeout of %s: a request would fail before it is slow; lower slow", strict.Written(p.Slow), strict.Written(p.Timeout))
	}
	switch {
	case !ok || p.Name == "":
	case len(r.fleet.Users) == maxThings:
		r.Bad(n, "%s is one population too many; a fleet takes at most %d", p.Name, maxThings)
	default:
		r.fleet.Users = append(r.fleet.Users, p)
	}
}

// used reads the datasets of a population, each once.
func (r *fleetReader) used(n *yaml.Node) []string {
	names := make([]string, 0, len(r.fleet.Datasets))
	for _, d := range r.fleet.Datasets {
		names = append(names, d.Name)
	}
	var used []string
	r.List(n, "datasets of a population", "["+strict.Enumerate(names)+"]", func(e *yaml.Node) {
		name, ok := r.OneOf(e, "dataset", names, "the datasets are")
		switch {
		case !ok:
		case slices.Contains(used, name):
			r.Bad(e, "%s is there twice; name each dataset once", name)
		default:
			used = append(used, name)
		}
	})
	return used
}

// distances reads a population's round trips, one to each region but those that the table of places has.
func (r *fleetReader) distances(n *yaml.Node, p topology.Population, far map[string]time.Duration) map[string]time.Duration {
	if n.Kind != yaml.MappingNode {
		r.Bad(n, "rtt of a population is written as one round trip to each region; like {%s: 12ms}", r.anyRegion())
		return nil
	}
	rtts, seen := map[string]time.Duration{}, map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		region, ok := r.regionName(k)
		if !ok {
			continue
		}
		if first, twice := seen[region]; twice {
			r.Bad(k, "the rtt to %s is there twice, first in line %d; keep one", region, first)
			continue
		}
		seen[region] = k.Line
		rtts[region] = r.Duration(v, "rtt to "+region, 0)
		places{r}.within(v, region, rtts[region], p.Timeout)
	}
	for _, g := range r.fleet.RegionNames() {
		if _, there := seen[g]; there {
			continue
		}
		if rtts[g] = far[g]; rtts[g] == 0 {
			delete(rtts, g)
			r.Bad(n, "no rtt to %s; add %s: 100ms", g, g)
			continue
		}
		places{r}.within(n, g, rtts[g], p.Timeout)
	}
	return rtts
}

func (r *fleetReader) anyRegion() string { return anyOf(r.fleet) }

// anyOf is a region's name for an example.
func anyOf(f topology.Fleet) string {
	if len(f.Regions) > 0 {
		return f.Regions[0].Name
	}
	return "us-east"
}

func (r *fleetReader) failover(n *yaml.Node) {
	to := &r.fleet.Failover
	r.mapping(n, "failover", []key{
		{"decide", func(n *yaml.Node) {
			to.Decide, _ = r.OneOf(n, "way to decide", []string{topology.DecideAuto, topology.DecideOperator}, "there are")
		}, ""},
		{"fence", func(n *yaml.Node) { to.Fence = r.Boolean(n, "fence") }, ""},
		{"lease", func(n *yaml.Node) { to.Lease = r.Duration(n, "lease", minLease) }, ""},
		{"preflight", func(n *yaml.Node) {
			to.Preflight, _ = r.OneOf(n, "preflight", []string{topology.PreflightWarn, topology.PreflightRefuse}, "there are")
		}, ""},
		{"scale_web", func(n *yaml.Node) { to.ScaleWeb = r.Boolean(n, "scale_web") }, ""},
	})
}

func (r *fleetReader) web(n *yaml.Node) {
	to := &r.fleet.Web
	r.mapping(n, "web", []key{
		{"replicas", func(n *yaml.Node) { to.Replicas = r.Integer(n, "replicas", 1, topology.MostWebReplicas) }, ""},
		{"capacity", func(n *yaml.Node) { to.Capacity = r.rate(n, "capacity") }, ""},
		{"queue", func(n *yaml.Node) { to.Queue = r.Duration(n, "queue", 0) }, ""},
	})
}
