package rule

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// OpenFault is the fault of a kind that holds on the links that the command names; nil
// where none does.
func OpenFault(s *drill.State, kind drill.FaultKind, c runbook.Command) *drill.Fault {
	for _, f := range s.Faults {
		if f.Fault == kind && f.Lifted == nil && len(f.Between) == 2 && sameCut(f.Links(), c) {
			return f
		}
	}
	return nil
}

// sameCut reports whether two commands are about one partition: which end is named first means something only where it goes one way.
func sameCut(one, other runbook.Command) bool {
	a, b, oneWay := other.Endpoints()
	x, y, way := one.Endpoints()
	return oneWay == way && (a == x && b == y || !oneWay && a == y && b == x)
}

// Crossable refuses links that nothing crosses as it is: what is done to them could not
// be proved.
func Crossable(s *drill.State, c runbook.Command) *Refusal {
	if r := Alive(s, c); r != nil {
		return r
	}
	for _, p := range gauge.Links(s.Fleet, c) {
		if f := cutBetween(s, p); f != nil {
			return Refuse(fmt.Sprintf("%s it first", f.Effect.Undo), "nothing crosses the link %s: it is partitioned", gauge.Name(p)).Since(f.Command).By(f.Effect.Undo)
		}
	}
	return nil
}

// Alive refuses links of a region that is broken.
func Alive(s *drill.State, c runbook.Command) *Refusal {
	for _, p := range gauge.Links(s.Fleet, c) {
		for _, end := range p {
			if s.Region(end) == nil {
				continue // the controller's
			}
			if r := Broken(s, end); r != nil {
				r.Why += ", nothing crosses its links"
				return r
			}
		}
	}
	return nil
}

// cutBetween is a partition that keeps two places apart; nil where none does.
func cutBetween(s *drill.State, p [2]string) *drill.Fault {
	for _, f := range s.Partitions() {
		if f.Effect.Separates(p[0], p[1]) {
			return f
		}
	}
	return nil
}
