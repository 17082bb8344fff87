package gauge

import (
	"cmp"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Links is the links that a command names, each by its two ends.
func Links(f topology.Fleet, c drill.Command) [][2]string {
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
func Ways(f topology.Fleet, c drill.Command) [][2]string {
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

// ShapeOf is how what goes from one place to another is shaped: as the fleet file has it,
// and by the brownouts that hold, the later over the earlier.
func ShapeOf(s *drill.State, way [2]string) topology.Shape {
	var own topology.Shape
	if l, ok := s.Fleet.LinkBetween(way[0], way[1]); ok {
		own = topology.Shape{RTT: l.RTT, Jitter: l.Jitter, Bandwidth: l.Bandwidth}
	}
	for _, f := range s.Faults {
		if f.Lifted != nil || f.Shape.IsZero() || len(f.Between) != 2 || !slices.Contains(Ways(s.Fleet, f.Heal("")), way) {
			continue
		}
		own.RTT, own.Jitter = cmp.Or(f.Shape.RTT, own.RTT), cmp.Or(f.Shape.Jitter, own.Jitter)
		own.Bandwidth, own.Loss = cmp.Or(f.Shape.Bandwidth, own.Bandwidth), cmp.Or(f.Shape.Loss, own.Loss)
	}
	return own
}
