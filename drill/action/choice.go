package action

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Focus is what a person looks at: a command that is made by key is about it.
type Focus struct{ Region, Dataset string }

// Choice is one candidate for a parameter: the command with it, and why it can't be
// chosen now. Off is nil where it can.
type Choice struct {
	Text, Note string
	Command    runbook.Command
	Off        *Refusal
}

// Start is the command of an action as far as the focus tells it: a parameter that is a
// region or a dataset is the one in focus.
func (a Action) Start(at Focus, by string) runbook.Command {
	c := runbook.Command{Verb: a.Verb, By: by}
	for _, p := range a.Params {
		switch p.Kind {
		case KindRegion:
			p.Put(&c, at.Region)
		case KindDataset:
			p.Put(&c, at.Dataset)
		}
	}
	return c
}

// Missing is the first parameter that the command needs and has not; false where it is
// complete.
func (a Action) Missing(c runbook.Command) (Param, bool) {
	for _, p := range a.Params {
		if !p.Optional && !p.Has(c) {
			return p, true
		}
	}
	return Param{}, false
}

// Choices is the candidates for a parameter of a command, with the reason why one is
// off. Nil for a parameter that is typed: a text, a duration, a rate, a share.
func (a Action) Choices(s *drill.State, at Focus, c runbook.Command, p Param) []Choice {
	if a.Offer != nil {
		return a.Offer(s, at, c, p)
	}
	return a.ByKind(s, at, c, p)
}

// ByKind is the candidates that a parameter's kind has.
func (a Action) ByKind(s *drill.State, at Focus, c runbook.Command, p Param) []Choice {
	var list []Choice
	add := func(text, note string, c runbook.Command) {
		choice := Choice{Text: text, Note: note, Command: c}
		if _, more := a.Missing(c); !more {
			choice.Off = Check(s, c)
		}
		list = append(list, choice)
	}
	switch p.Kind {
	case KindRegion, KindDataset, KindCondition, KindPopulation:
		names := map[Kind][]string{KindRegion: s.Fleet.RegionNames(), KindDataset: datasetNames(s.Fleet),
			KindCondition: Conditions(), KindPopulation: populationNames(s.Fleet)}
		for _, name := range names[p.Kind] {
			note := ""
			if r := s.Region(name); r != nil && p.Kind == KindRegion {
				note = string(r.Health)
			}
			if u := s.Population(name); u != nil && u.Region != "" && p.Kind == KindPopulation {
				note = "served by " + u.Region
			}
			with := c
			p.Put(&with, name)
			add(name, note, with)
		}
	case KindEndpoints:
		for _, o := range endpointsNear(s.Fleet, at.Region) {
			with := c
			with.Between, with.From, with.To = o.command.Between, o.command.From, o.command.To
			add(o.text, o.note, with)
		}
	case KindMode:
		for _, o := range modesOf(s, c.Dataset) {
			with := c
			with.Mode, with.With = o.to.Mode, o.to.With
			add(o.to.String(), o.note, with)
		}
	}
	return list
}

type endpointOption struct {
	text, note string
	command    runbook.Command
}

// endpointsNear is every way to name links of a region.
func endpointsNear(f topology.Fleet, own string) []endpointOption {
	both := func(other string) runbook.Command { return runbook.Command{Between: [2]string{own, other}} }
	one := func(from, to string) runbook.Command { return runbook.Command{From: from, To: to} }
	list := []endpointOption{
		{own + " ↔ all others", "regions and controller, both ways; users reach it", both(topology.EndOthers)},
		{own + " → all others", "what it sends to regions and controller", one(own, topology.EndOthers)},
		{"all others → " + own, "what regions and controller send to it", one(topology.EndOthers, own)},
	}
	for _, other := range f.RegionNames() {
		if other != own {
			list = append(list,
				endpointOption{own + " ↔ " + other, "this link, both ways", both(other)},
				endpointOption{own + " → " + other, "this link, one way", one(own, other)})
		}
	}
	return list
}

type modeOption struct {
	to   topology.Durability
	note string
}

// modesOf is every durability that a dataset could have while a drill runs.
func modesOf(s *drill.State, dataset string) []modeOption {
	d := s.Dataset(dataset)
	if d == nil {
		return nil
	}
	list := []modeOption{{topology.Durability{Mode: topology.ModeAsync}, "stored by the leader; its loss may lose writes"}}
	for _, region := range d.Spec.Regions {
		if region != d.Authority {
			list = append(list, modeOption{topology.Durability{Mode: topology.ModeSync, With: region}, "stored there too; one round trip more"})
		}
	}
	return append(list, modeOption{topology.Durability{Mode: topology.ModeQuorum}, "stored by a majority; one round trip more"})
}

// openFaults offers the faults of a kind that hold, each with the command that lifts it.
func openFaults(verb runbook.Verb, kind drill.FaultKind) func(*drill.State, Focus, runbook.Command, Param) []Choice {
	return func(s *drill.State, _ Focus, c runbook.Command, _ Param) []Choice {
		list := []Choice{}
		for _, f := range s.Faults {
			if f.Fault != kind || f.Lifted != nil || len(f.Between) != 2 {
				continue
			}
			lift := lifting(f, verb, c.By)
			list = append(list, Choice{Text: linkText(lift), Note: f.Proof, Command: lift, Off: Check(s, lift)})
		}
		return list
	}
}

// lifting is the command of a verb about the links of a fault.
func lifting(f *drill.Fault, verb runbook.Verb, by string) runbook.Command {
	c := f.Links()
	c.Verb, c.By = verb, by
	return c
}

// linkText names the links of a command: "us-east ↔ eu-west", "us-east → others".
func linkText(c runbook.Command) string {
	a, b, oneWay := c.Endpoints()
	arrow := "↔"
	if oneWay {
		arrow = "→"
	}
	return fmt.Sprintf("%s %s %s", a, arrow, b)
}
