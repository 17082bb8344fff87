package action

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
)

// partition makes links silent, both ways or one: what is sent is neither delivered nor refused.
var partition = Action{
	Verb: drill.VerbPartition,
	Words: Words{Name: "partition", Done: "partitioned", Help: "cut the region's links to others: all or one",
		Key: "X", Group: GroupRegion, Dangerous: true},
	Params: []Param{theLinks},
	Check: func(s *drill.State, c drill.Command) *Refusal {
		if f := openFault(s, drill.FaultPartition, c); f != nil {
			return refuse("heal it first", "that is partitioned already").since(f.Command).by(drill.VerbHeal)
		}
		return crossable(s, c)
	},
	Confirm: func(s *drill.State, c drill.Command) *Confirmation {
		ask := confirmImpact(s, c)
		ask.Lines = partitionLines(s, c)
		return ask
	},
	Predict: predict,
	Assume:  assumePartition,
	Undo:    drill.VerbHeal,
	Effect:  EffectFault,
}

// crossable refuses links that nothing crosses as it is: what is done to them could not
// be proved.
func crossable(s *drill.State, c drill.Command) *Refusal {
	for _, p := range pairs(s.Fleet, c) {
		for _, end := range p {
			if s.Region(end) == nil {
				continue // the controller's
			}
			if r := broken(s, end); r != nil {
				r.Why += ", nothing crosses its links"
				return r
			}
		}
		for _, f := range s.Partitions() {
			if separates(f.Heal(""), p[0], p[1]) {
				return refuse("heal it first", "nothing crosses the link %s–%s: it is partitioned", p[0], p[1]).since(f.Command).by(drill.VerbHeal)
			}
		}
	}
	return nil
}

// pairs is the links that a command names, each by its two ends.
func pairs(f drill.Fleet, c drill.Command) [][2]string {
	a, b, _ := c.Endpoints()
	expand := func(end, other string) []string {
		if end != drill.EndOthers {
			return []string{end}
		}
		return append(slices.DeleteFunc(slices.Clone(f.RegionNames()), func(r string) bool { return r == other }), drill.EndControl)
	}
	var out [][2]string
	for _, x := range expand(a, b) {
		for _, y := range expand(b, a) {
			out = append(out, [2]string{x, y})
		}
	}
	return out
}

// separates reports whether a partition keeps two places from talking: one way is
// enough, since an answer is as good as lost.
func separates(c drill.Command, x, y string) bool {
	a, b, _ := c.Endpoints()
	is := func(place, end, other string) bool { return place == end || end == drill.EndOthers && place != other }
	return is(x, a, b) && is(y, b, a) || is(y, a, b) && is(x, b, a)
}

// partitionLines says what a partition does, beside whom it is predicted to affect.
func partitionLines(s *drill.State, c drill.Command) []string {
	a, b, oneWay := c.Endpoints()
	form := "%s and %s hear nothing of each other any more"
	if oneWay {
		form = "nothing gets from %s to %s any more"
	}
	name := func(end string) string {
		if end == drill.EndOthers {
			return "all other regions and the controller"
		}
		return end
	}
	lines := []string{fmt.Sprintf(form, name(a), name(b))}
	for _, d := range s.Datasets {
		if slices.Contains(d.Spec.Regions, a) && slices.Contains(d.Spec.Regions, b) && (d.Authority == a || d.Authority == b) {
			lines = append(lines, fmt.Sprintf("%s is no longer copied between them", d.Name))
		}
	}
	return lines
}

// assumePartition takes for granted that the links are silent, and that the router calls
// the regions down that it no longer reaches.
func assumePartition(s *drill.State, c drill.Command) []drill.Body {
	a, b, oneWay := c.Endpoints()
	events := []drill.Body{drill.FaultProved{ID: len(s.Faults) + 1, Command: len(s.Commands), Fault: drill.FaultPartition, Between: []string{a, b}, OneWay: oneWay, From: s.Now}}
	for _, region := range s.Fleet.RegionNames() {
		if separates(c, region, drill.EndControl) {
			events = append(events, drill.RegionJudged{Region: region})
		}
	}
	return events
}
