package measure

import (
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

// RoundTrip is that of the link between two places as it stands: half of each direction's.
func RoundTrip(s *drill.State, a, b string) time.Duration {
	if a == b {
		return 0
	}
	return (ShapeNow(s, a, b).RTT + ShapeNow(s, b, a).RTT) / 2
}
