package param

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Option is one candidate for a parameter: the command with it, its name, and what there is to
// know of it.
type Option struct {
	Text, Note string
	Command    runbook.Command
}

// Options is the candidates that the parameter's kind has, for a command that may lack it. near
// is the region that a person looks at. Nil for a parameter that is typed: a text, a duration, a
// rate, a share.
func (p Param) Options(s *drill.State, near string, c runbook.Command) []Option {
	switch p.Kind {
	case KindDomain:
		return domainsNear(s.Fleet, near, c)
	case KindRegion:
		return p.named(c, s.Fleet.RegionNames(), func(name string) string {
			if r := s.Region(name); r != nil {
				return string(r.Health)
			}
			return ""
		})
	case KindPopulation:
		return p.named(c, populationNames(s.Fleet), func(name string) string {
			if u := s.Population(name); u != nil && u.Region != "" {
				return "served by " + u.Region
			}
			return ""
		})
	case KindDataset:
		return p.named(c, datasetNames(s.Fleet), nil)
	case KindCondition:
		return p.named(c, Conditions(), nil)
	case KindReplicas:
		return replicaCounts(s, c)
	case KindEndpoints:
		return endpointsNear(s.Fleet, near, c)
	case KindMode:
		return modesOf(s, c)
	case KindWord:
		return p.named(c, p.Words(), func(word string) string {
			return p.Among[slices.Index(p.Words(), word)].Note
		})
	}
	return nil
}

// named is the candidates that are names, each with a note.
func (p Param) named(c runbook.Command, names []string, note func(name string) string) []Option {
	list := make([]Option, len(names))
	for i, name := range names {
		list[i] = Option{Text: name, Command: c}
		p.Put(&list[i].Command, name)
		if note != nil {
			list[i].Note = note(name)
		}
	}
	return list
}

// replicaCounts is how many web replicas a region could have: up to twice what it has, or what one of the fleet begins with.
func replicaCounts(s *drill.State, c runbook.Command) []Option {
	r := s.Region(c.Region)
	if r == nil {
		return nil
	}
	var list []Option
	for n := range min(2*max(r.Web, s.Fleet.Web.Replicas, 2), topology.MostWebReplicas) + 1 {
		with := c
		with.Replicas = runbook.Counted(n)
		note := ""
		switch each := measure.PerReplica(s, c.Region); {
		case n == r.Web:
			note = "as it is now"
		case n == 0:
			note = "serves no users; its data stays"
		case each > 0:
			note = "takes " + strconv.FormatFloat(each*float64(n), 'f', -1, 64) + " requests/s"
		}
		list = append(list, Option{fmt.Sprintf("%d web", n), note, with})
	}
	return list
}

// endpointsNear is every way to name links of a region.
func endpointsNear(f topology.Fleet, own string, c runbook.Command) []Option {
	both := func(other, note string) Option {
		with := c
		with.Between, with.From, with.To = [2]string{own, other}, "", ""
		return Option{own + " ↔ " + endName(other), note, with}
	}
	oneWay := func(from, to, note string) Option {
		with := c
		with.Between, with.From, with.To = [2]string{}, from, to
		return Option{endName(from) + " → " + endName(to), note, with}
	}
	list := []Option{
		both(topology.EndOthers, "regions and controller; users reach it"),
		oneWay(own, topology.EndOthers, "what it sends to regions and controller"),
		oneWay(topology.EndOthers, own, "what regions and controller send to it"),
	}
	for _, other := range f.RegionNames() {
		if other != own {
			list = append(list, both(other, "this link, both ways"), oneWay(own, other, "this link, one way"))
		}
	}
	return list
}

// endName is an end of a link as a person reads it.
func endName(end string) string {
	if end == topology.EndOthers {
		return "all others"
	}
	return end
}

// modesOf is every durability that a command's dataset could have while a drill runs.
func modesOf(s *drill.State, c runbook.Command) []Option {
	d := s.Dataset(c.Dataset)
	if d == nil {
		return nil
	}
	var list []Option
	add := func(to topology.Durability, note string) {
		with := c
		with.Mode, with.With = to.Mode, to.With
		list = append(list, Option{to.String(), note, with})
	}
	add(topology.Durability{Mode: topology.ModeAsync}, "stored by the leader; its loss may lose writes")
	for _, region := range d.Spec.Regions {
		if region != d.Authority {
			add(topology.Durability{Mode: topology.ModeSync, With: region}, "stored there too; one round trip more")
		}
	}
	add(topology.Durability{Mode: topology.ModeQuorum}, "stored by a majority; one round trip more")
	return list
}

// LinkText names the links of a command: "us-east ↔ eu-west", "us-east → others".
func LinkText(c runbook.Command) string {
	a, b, oneWay := c.Endpoints()
	arrow := "↔"
	if oneWay {
		arrow = "→"
	}
	return fmt.Sprintf("%s %s %s", a, arrow, b)
}
