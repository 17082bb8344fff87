package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// P99Needs is how many samples a p99 needs: fewer than a hundred have no slowest hundredth.
var P99Needs = drill.LatencyNeeds(0.99)

// WriteLatency is how long a population's acknowledged writes to a dataset took, from when
// they were due, over the whole drill. Where too few were acknowledged P99 is nil, and Max
// of Acknowledged writes is what can be said.
type WriteLatency struct {
	Population   string
	Acknowledged int
	P50, P99     *time.Duration
	Max          *time.Duration
}

// SlowestWrites is the population whose writes to a dataset had the highest p99, else the
// highest p50; false where none was acknowledged. Percentiles of several populations
// can't be put together, so it is one of them.
func SlowestWrites(s *drill.State, dataset string) (slowest WriteLatency, known bool) {
	for _, p := range s.Populations {
		if p.Last == nil {
			continue
		}
		w, listed := p.Last.Datasets[dataset]
		if !listed && len(s.Datasets) == 1 { // a journal of before: all its writes are this one's
			w = drill.WriteLatency{Acknowledged: P99Needs, P50: p.Last.TotalWriteP50, P99: p.Last.TotalWriteP99}
		}
		one := WriteLatency{Population: p.Spec.Name, Acknowledged: w.Acknowledged, P50: w.P50, P99: w.P99, Max: w.Max}
		if w.Acknowledged < P99Needs {
			one.P99 = nil
		}
		if w.P50 != nil && (!known || slower(one, slowest)) {
			slowest, known = one, true
		}
	}
	return slowest, known
}

func slower(a, b WriteLatency) bool {
	if a.P99 != nil && b.P99 != nil {
		return *a.P99 > *b.P99
	}
	if (a.P99 == nil) != (b.P99 == nil) {
		return a.P99 != nil
	}
	return *a.P50 > *b.P50
}
