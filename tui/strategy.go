package tui

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// What the keys for a dataset's strategy offer: its mode, cutting regions off from
// one another, and mending that.

func modeTitle(m *model) (title, note string) {
	return "When is a write to " + m.dataset + " acknowledged?", "mode"
}

// modeChoices is every promise that the dataset could have, as it could be now.
func modeChoices(m *model) []choice {
	d := m.live.state.Dataset(m.dataset)
	if d == nil {
		return nil
	}
	now := d.Spec.Durability()
	option := func(p drill.Durability, text, note, why string) choice {
		if why == "" && p == now {
			why = "it is so now"
		}
		return choice{text: text, note: note, why: why,
			command: drill.Command{Verb: drill.VerbMode, Dataset: d.Name, Mode: p.Mode, With: p.With, By: "operator"}}
	}
	list := []choice{option(drill.Durability{Mode: drill.ModeAsync}, "async", "on the authority's disk; its loss may lose writes", "")}
	for _, region := range d.Spec.Regions {
		why := ""
		r := m.live.state.Region(region)
		switch {
		case region == d.Authority:
			continue
		case r == nil || !r.Health.Serves():
			why = region + " does not serve: every write would wait for it"
		}
		list = append(list, option(drill.Durability{Mode: drill.ModeSync, With: region}, "sync with "+region, "on its disk too; one round trip more", why))
	}
	why := ""
	if len(d.Spec.Regions) < 3 {
		why = fmt.Sprintf("of %d replicas a majority is all", len(d.Spec.Regions))
	}
	return append(list, option(drill.Durability{Mode: drill.ModeQuorum}, "quorum", "on a majority; the nearest other one decides", why))
}

// modeLines says what is no longer promised once a weaker mode holds.
func modeLines(s *drill.State, c drill.Command) []string {
	d := s.Dataset(c.Dataset)
	if d == nil {
		return nil
	}
	who := fmt.Sprintf("a majority of its %d regions has them", len(d.Spec.Regions))
	if d.Spec.Mode == drill.ModeSync {
		who = d.Spec.With + " has them"
	}
	lines := []string{
		fmt.Sprintf("%s is no longer promised for %s", d.Spec.Durability(), d.Name),
		"writes are acknowledged before " + who,
		fmt.Sprintf("acknowledged writes then live on %s alone until they are copied", d.Authority),
	}
	if w := d.Waiting; w != nil {
		lines = append(lines, fmt.Sprintf("writes that wait for %s now are acknowledged without it", joined(w.For)))
	}
	return lines
}

func partitionTitle(m *model) (title, note string) {
	return "Cut " + m.region + " off", "the links go silent"
}

// partitionChoices is every way to cut the focused region off from others.
func partitionChoices(m *model) []choice {
	own, cut := m.region, " "+m.theme.Glyphs.Cut+" "
	both := func(other string) drill.Command {
		return drill.Command{Verb: drill.VerbPartition, Between: [2]string{own, other}, By: "operator"}
	}
	one := func(from, to string) drill.Command {
		return drill.Command{Verb: drill.VerbPartition, From: from, To: to, By: "operator"}
	}
	list := []choice{
		{text: own + cut + "all others", note: "regions and controller, both ways; users reach it", command: both(drill.EndOthers)},
		{text: own + " → all others", note: "nothing of it gets out", command: one(own, drill.EndOthers)},
		{text: "all others → " + own, note: "nothing of theirs gets in", command: one(drill.EndOthers, own)},
	}
	for _, other := range m.live.state.Fleet.RegionNames() {
		if other != own {
			list = append(list,
				choice{text: own + cut + other, note: "this link, both ways", command: both(other)},
				choice{text: own + " → " + other, note: "this link, one way", command: one(own, other)})
		}
	}
	for i := range list {
		list[i].why = heldAlready(m.live.state, list[i].command)
	}
	return list
}

func heldAlready(s *drill.State, c drill.Command) string {
	for _, f := range s.Partitions() {
		if f.SameCut(c) {
			return "it is cut so already"
		}
	}
	return ""
}

func healTitle(*model) (title, note string) { return "Mend which cut?", "heal" }

func healChoices(m *model) []choice {
	var list []choice
	for _, f := range m.live.state.Partitions() {
		c := f.Heal("operator")
		text := f.Between[0] + " " + m.theme.Glyphs.Cut + " " + f.Between[1]
		if f.OneWay {
			text = f.Between[0] + " → " + f.Between[1]
		}
		list = append(list, choice{text: text, command: c})
	}
	return list
}

// forceLines says what a forced promotion may lose.
func forceLines(s *drill.State, c drill.Command) []string {
	lines := []string{fmt.Sprintf("%s becomes the authority of %s though it may lack acknowledged writes", c.To, c.Dataset)}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return lines
	}
	if p := d.Spec.Durability(); p.Mode == drill.ModeSync || p.Mode == drill.ModeQuorum {
		lines = append(lines, fmt.Sprintf("the promise %s is given up: the mode is async after it", p))
	}
	lines = append(lines, "how many are lost is unknown until the ledger is checked: those who have them can't be asked")
	return append(lines, promoteLines(s, c)[1:]...)
}

// reseedLines says what a replica loses, and what copying it costs.
func reseedLines(s *drill.State, c drill.Command) []string {
	lines := []string{fmt.Sprintf("%s drops its copy of %s, as if its disk were new", c.Region, c.Dataset)}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return lines
	}
	if lead := d.Replicas[d.Authority]; lead != nil {
		line := fmt.Sprintf("%s are copied from %s", pane.Bytes(lead.Bytes), d.Authority)
		if l, ok := s.Fleet.LinkBetween(d.Authority, c.Region); ok && l.Bandwidth > 0 {
			line += fmt.Sprintf(": ~%.0f s at the link's %.0f Mbps", float64(lead.Bytes)*8/float64(l.Bandwidth), float64(l.Bandwidth)/1e6)
		}
		lines = append(lines, line)
	}
	if p := d.Spec.Durability(); p.With == c.Region {
		lines = append(lines, "every write waits for it until it is whole: it is the partner of sync")
	}
	left := s.Copies(d, func(region string) bool { return region != c.Region })
	return append(lines, fmt.Sprintf("%d of %d copies are left meanwhile", len(left), len(d.Spec.Regions)))
}

// partitionLines says what a cut does, beside whom it is predicted to hurt.
func partitionLines(s *drill.State, c drill.Command) []string {
	a, b, oneWay := c.Endpoints()
	way := "%s and %s hear nothing of each other any more"
	if oneWay {
		way = "nothing gets from %s to %s any more"
	}
	name := func(end string) string {
		if end == drill.EndOthers {
			return "all other regions and the controller"
		}
		return end
	}
	lines := []string{fmt.Sprintf(way, name(a), name(b))}
	for _, d := range s.Datasets {
		if slices.Contains(d.Spec.Regions, a) && slices.Contains(d.Spec.Regions, b) && (d.Authority == a || d.Authority == b) {
			lines = append(lines, fmt.Sprintf("%s is no longer copied between them", d.Name))
		}
	}
	return lines
}
