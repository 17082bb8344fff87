package scenario

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// domain reads what a step breaks or restores: a region, or one failure domain that is wider.
func (r *drillReader) domain(n *yaml.Node, s *step, p param.Param, right bool) {
	c := &s.Command
	var named []string
	for _, k := range p.Keys() {
		if s.fields[k] != nil {
			named = append(named, k)
		}
	}
	switch {
	case len(named) == 0:
		if right {
			r.Bad(n, "%q is missing in %s; add %s: %s", p.Name, c.Verb, p.Name, r.example(p))
		}
		return
	case len(named) > 1:
		r.Bad(s.fields[named[1]], "%s names %s; keep one of them", c.Verb, strings.Join(named, " and "))
		return
	}
	kind, f := named[0], s.fields[named[0]]
	if kind == p.Name {
		c.Region = r.subject(f, "region", r.fleet.RegionNames(), "the regions are")
		return
	}
	names := topology.DomainsOf(r.fleet, kind)
	if r.known && len(names) == 0 {
		r.Bad(f, "%s", param.NoDomain(kind))
		return
	}
	are := "the " + kind + "s are"
	if len(names) == 1 {
		are = "there is"
	}
	if name := r.subject(f, kind, names, are); name != "" {
		c.Domain = topology.Target{Kind: kind, Name: name}
	}
}
