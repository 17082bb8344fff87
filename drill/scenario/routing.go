package scenario

import (
	"math"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// routingReader reads how users are routed. What only some policies take names regions, so it is read once those are known.
type routingReader struct {
	*source
	fleet  *topology.Fleet
	region func(*yaml.Node) (string, bool) // reads the name of a region

	policy, weights, order *yaml.Node
	law                    *yaml.Node // the first of a population
}

func (r *routingReader) read(n *yaml.Node) {
	to := &r.fleet.Routing
	r.mapping(n, "routing", []key{
		{"policy", func(n *yaml.Node) {
			r.policy = n
			to.Policy, _ = r.OneOf(n, "policy", policy.Names(), "there are")
		}, ""},
		{"weights", func(n *yaml.Node) { r.weights = n }, ""},
		{"order", func(n *yaml.Node) { r.order = n }, ""},
		{"entry", func(n *yaml.Node) { to.Entry, _ = r.OneOf(n, "entry", topology.Entries(), "there are") }, ""},
		{"dns_ttl", func(n *yaml.Node) { to.DNSTTL = r.Seconds(n, "dns_ttl", "DNS has", 0) }, ""},
		{"ramp", func(n *yaml.Node) { to.Ramp = r.upTo(n, "ramp", maxRamp) }, ""},
		{"probe", r.probe, ""},
	})
}

// maxRamp and maxHold bound what a drill can wait for.
const maxRamp, maxHold = 10 * time.Minute, 10 * time.Minute

func (r *routingReader) probe(n *yaml.Node) {
	to := &r.fleet.Routing.Probe
	const most = 100
	r.mapping(n, "a probe", []key{
		{"every", func(n *yaml.Node) { to.Every = r.Duration(n, "every", minProbe) }, ""},
		{"timeout", func(n *yaml.Node) { to.Timeout = r.Duration(n, "timeout", minProbe) }, ""},
		{"down_after", func(n *yaml.Node) { to.DownAfter = r.Integer(n, "down_after", 1, most) }, ""},
		{"up_after", func(n *yaml.Node) { to.UpAfter = r.Integer(n, "up_after", 1, most) }, ""},
		{"hold_down", func(n *yaml.Node) { to.HoldDown = r.upTo(n, "hold_down", maxHold) }, ""},
	})
}

// upTo reads a duration that has an upper bound.
func (r *routingReader) upTo(n *yaml.Node, what string, most time.Duration) time.Duration {
	d := r.Duration(n, what, 0)
	if d > most {
		r.Bad(n, "%s is %s; it takes at most %s", what, strict.Written(d), strict.Written(most))
		return 0
	}
	return d
}

// jurisdiction reads a population's jurisdiction: one that a region has.
func (r *routingReader) jurisdiction(n *yaml.Node) string {
	if r.law == nil {
		r.law = n
	}
	law := r.Text(n, "the jurisdiction", 20)
	var known []string
	for _, g := range r.fleet.Regions {
		if g.Jurisdiction != "" && !slices.Contains(known, g.Jurisdiction) {
			known = append(known, g.Jurisdiction)
		}
	}
	switch {
	case law == "" || slices.Contains(known, law):
		return law
	case len(known) == 0:
		r.Bad(n, "jurisdiction %s: no region has one, so nobody could serve these users; give a region jurisdiction: %s", strict.Clip(law), strict.Clip(law))
	default:
		r.Bad(n, "no region is under jurisdiction %s, so nobody could serve these users; the regions are under %s", strict.Clip(law), strict.Enumerate(known))
	}
	return ""
}

// finish reads what only some policies take, and checks that it is the file's policy that does.
func (r *routingReader) finish() {
	to := &r.fleet.Routing
	if to.Policy == "" { // a wrong one is named
		return
	}
	r.onlyOf("weights", r.weights, "weighted")
	r.onlyOf("order", r.order, "failover")
	r.onlyOf("jurisdiction of a population", r.law, "geo")
	switch to.Policy {
	case "weighted":
		if r.weights == nil {
			r.Bad(r.policy, "policy weighted needs a share for the regions; add weights: {%s: 100%%}", anyOf(*r.fleet))
			return
		}
		to.Weights = r.shares(r.weights)
	case "failover":
		if r.order != nil {
			to.Order = r.standbys(r.order)
		}
	case "geo":
		if r.law == nil && len(r.fleet.Users) > 0 {
			r.Bad(r.policy, "policy geo goes by the users' jurisdiction, and no population has one; add jurisdiction: EU to one, or write policy: %s", policy.Default().Name)
		}
	}
}

// onlyOf refuses what another policy than the file's reads.
func (r *routingReader) onlyOf(what string, n *yaml.Node, of string) {
	if n != nil && r.fleet.Routing.Policy != of {
		r.Bad(n, "%s is of policy %s, and this file's is %s; leave it out, or write policy: %s", what, of, r.fleet.Routing.Policy, of)
	}
}

// rounding is what shares that are written in percent may lack of the whole.
const rounding = 1e-9

// shares reads the regions' shares, which add up to the whole.
func (r *routingReader) shares(n *yaml.Node) map[string]float64 {
	if n.Kind != yaml.MappingNode {
		r.Bad(n, "weights is written as a share for each region; like {%s: 100%%}", anyOf(*r.fleet))
		return nil
	}
	weights, sum, wrong := map[string]float64{}, 0.0, false
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		region, ok := r.region(k)
		if _, twice := weights[region]; ok && twice {
			r.Bad(k, "the weight of %s is there twice; keep one", region)
			ok = false
		}
		if !ok {
			wrong = true
			continue
		}
		before := len(r.Problems)
		weights[region] = r.share(v, "the weight of "+region)
		wrong = wrong || len(r.Problems) > before
		sum += weights[region]
	}
	if !wrong && math.Abs(sum-1) > rounding {
		r.Bad(n, "the weights add up to %g%%; let them add up to 100%%", math.Round(sum*1e6)/1e4)
	}
	return weights
}

// standbys reads the primary and its standbys.
func (r *routingReader) standbys(n *yaml.Node) (order []string) {
	r.List(n, "order", "["+strict.Enumerate(r.fleet.RegionNames())+"]", func(e *yaml.Node) {
		region, ok := r.region(e)
		switch {
		case !ok:
		case slices.Contains(order, region):
			r.Bad(e, "%s is there twice; name each region once", region)
		default:
			order = append(order, region)
		}
	})
	return order
}
