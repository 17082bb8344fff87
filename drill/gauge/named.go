package gauge

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Links is the links that a command names, each by its two ends.
func Links(f topology.Fleet, c runbook.Command) [][2]string {
	a, b, _ := c.Endpoints()
	expand := func(end, other string) []string {
		if end != topology.EndOthers {
			return []string{end}
		}
		return append(slices.DeleteFunc(slices.Clone(f.RegionNames()), func(r string) bool { return r == other }), topology.EndControl)
	}
	var out [][2]string
	for _, x := range expand(a, b) {
		for _, y := range expand(b, a) {
			out = append(out, [2]string{x, y})
		}
	}
	return out
}

// Ways is the directions of links that a command names, from the first end of each to the
// second: both of each link for Between, one for From and To.
func Ways(f topology.Fleet, c runbook.Command) [][2]string {
	_, _, oneWay := c.Endpoints()
	var out [][2]string
	for _, p := range Links(f, c) {
		out = append(out, p)
		if !oneWay {
			out = append(out, [2]string{p[1], p[0]})
		}
	}
	return out
}
