package param

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// checkDomain refuses what is no region of the fleet and no domain of it, or both at once.
func checkDomain(f topology.Fleet, c runbook.Command) *rule.Refusal {
	switch at := c.Domain; {
	case at == (topology.Target{}):
		return unknown("region", c.Region, f.RegionNames())
	case c.Region != "":
		return rule.Refuse("name one of them", "%s names a region and %s", c.Verb, at)
	case at.Members(f) == nil && len(topology.DomainsOf(f, at.Kind)) == 0:
		return NoDomain(at.Kind)
	default:
		return unknown(at.Kind, at.Name, topology.DomainsOf(f, at.Kind))
	}
}

// NoDomain refuses a kind of domain that the fleet has none of.
func NoDomain(kind string) *rule.Refusal {
	if kind == topology.DomainHub {
		return rule.Refuse("name a fleet that has one", "the fleet has no hub: its failover controller stands outside every region")
	}
	return rule.Refuse("name a region", "no region of the fleet has %s: NAME", kind)
}

// domainsNear is a region, and the domains around it with what would fall with each.
func domainsNear(f topology.Fleet, near string, c runbook.Command) []Option {
	with := c
	with.Region, with.Domain = near, topology.Target{}
	list := []Option{{Text: near, Command: with}}
	if also := f.Domain(near); len(also) > 1 {
		list[0].Note = "with it " + strings.Join(without(also, near), ", ")
	}
	for _, at := range topology.Around(f, near) {
		with := c
		with.Region, with.Domain = "", at
		note := strings.Join(with.Falls(f), ", ")
		if at.Kind == topology.DomainHub && f.Hub.Is(at.Name) {
			note = "controller and probes ask by way of it"
		}
		list = append(list, Option{Text: at.String(), Note: note, Command: with})
	}
	return list
}

func without(all []string, one string) (rest []string) {
	for _, x := range all {
		if x != one {
			rest = append(rest, x)
		}
	}
	return rest
}
