package measure

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// ShapeNow is one direction of the link between two places as it stands: as the fleet file
// has it, and over that the shapes of the faults that hold, the newest last, as the
// network lays one over another.
func ShapeNow(s *drill.State, from, to string) topology.Shape {
	l, _ := s.Fleet.LinkBetween(from, to)
	now := topology.Shape{RTT: l.RTT, Jitter: l.Jitter, Bandwidth: l.Bandwidth}
	for _, f := range s.Faults {
		if f.Lifted == nil && slices.ContainsFunc(f.Effect.Reshapes, func(w topology.Way) bool { return w.Has(from, to) }) {
			now = f.Effect.Shape.Over(now)
		}
	}
	return now
}

// CutBy is the faults that hold and let nothing pass from one place to another, in the order of their proofs: each is
// lifted by itself, and the way stays silent until the last of them is.
// What cuts a region off from all others leaves its users alone.
func CutBy(s *drill.State, from, to string) (by []*drill.Fault) {
	users := cmp.Or(s.Population(from), s.Population(to))
	for _, f := range s.Faults {
		cut := users == nil && slices.ContainsFunc(f.Effect.Cuts, func(w topology.Way) bool { return w.Has(from, to) })
		if f.Lifted == nil && (cut || slices.Contains(f.Effect.Stops, from) || slices.Contains(f.Effect.Stops, to)) {
			by = append(by, f)
		}
	}
	return by
}

// ShapedBy is the faults that hold and make what goes from one place to another slow, narrow or lossy.
func ShapedBy(s *drill.State, from, to string) (by []*drill.Fault) {
	users := cmp.Or(s.Population(from), s.Population(to))
	for _, f := range s.Faults {
		if f.Lifted == nil && users == nil && slices.ContainsFunc(f.Effect.Reshapes, func(w topology.Way) bool { return w.Has(from, to) }) {
			by = append(by, f)
		}
	}
	return by
}

// RoundTripMeasured is the time that bytes took lately to cross the link between two places and back, as its relay measured
// each way; not known where nothing crossed one of them.
func RoundTripMeasured(s *drill.State, a, b string) (rtt time.Duration, known bool) {
	ways := 0
	for _, l := range s.Links {
		if l.Transit != nil && (l.From == a && l.To == b || l.From == b && l.To == a) {
			rtt, ways = rtt+*l.Transit, ways+1
		}
	}
	return rtt, ways == 2
}

// RoundTrip is that of the link between two places as it stands: half of each direction's.
func RoundTrip(s *drill.State, a, b string) time.Duration {
	if a == b {
		return 0
	}
	return (ShapeNow(s, a, b).RTT + ShapeNow(s, b, a).RTT) / 2
}
