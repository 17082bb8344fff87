package player

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// MarkKind is what a mark stands for.
type MarkKind int

// What is marked.
const (
	MarkFault     MarkKind = iota + 1 // a fault was proved
	MarkFailover                      // a dataset got a new authority, planned or not
	MarkRecovered                     // users were served as before
	MarkEnded                         // the drill was judged
)

// Mark is something that one looks for in a drill, and when it was, on the engine's clock.
type Mark struct {
	Kind MarkKind
	At   time.Duration
}

// Marks is what there is to look for in a drill, in the order of time.
func Marks(s *drill.State) []Mark {
	var list []Mark
	for _, f := range s.Faults {
		list = append(list, Mark{MarkFault, f.Proved})
	}
	for _, f := range s.Failovers {
		if at, promoted := f.Ends[drill.StagePromote]; promoted {
			list = append(list, Mark{MarkFailover, at})
		}
	}
	for _, m := range s.Moves {
		list = append(list, Mark{MarkFailover, m.T})
	}
	for _, r := range s.Recoveries {
		list = append(list, Mark{MarkRecovered, r.Since})
	}
	if s.Verdict != "" {
		for _, e := range slices.Backward(s.Timeline) {
			if _, is := e.Body.(drill.DrillEnded); is {
				list = append(list, Mark{MarkEnded, e.T})
				break
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Mark) int { return cmp.Compare(a.At, b.At) })
	return list
}
