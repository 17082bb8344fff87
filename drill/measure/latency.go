package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// P99 is the slowest hundredth of n values. It is nil where they are too few to have one,
// whatever a journal says: fewer than a hundred have no slowest hundredth.
func P99(p99 *time.Duration, n int) *time.Duration {
	if n < telemetry.LatencyNeeds(0.99) {
		return nil
	}
	return p99
}

// WriteLatency is how long a population's acknowledged writes to a dataset took, from when
// they were due, over the whole drill. P99 is nil where too few were acknowledged, or nobody
// knows how many: then Max is what can be said.
type WriteLatency struct {
	Population string
	P50, P99   *time.Duration
	Max        *time.Duration
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
		if !listed && len(s.Datasets) == 1 { // a journal of before: all its writes are this one's, however many
			w = telemetry.WriteLatency{P50: p.Last.TotalWriteP50, Max: p.Last.TotalWriteMax}
		}
		one := WriteLatency{Population: p.Spec.Name, P50: w.P50, P99: P99(w.P99, w.Acknowledged), Max: w.Max}
		if w.P50 != nil && (!known || slower(one, slowest)) {
			slowest, known = one, true
		}
	}
	return slowest, known
}

// FarthestWrites is the population whose writes to a dataset had the highest p50: that which is farthest from its leader,
// whatever a fault did to a few. False where none was acknowledged.
func FarthestWrites(s *drill.State, dataset string) (farthest WriteLatency, known bool) {
	for _, p := range s.Populations {
		if p.Last == nil {
			continue
		}
		w := p.Last.Datasets[dataset]
		if w.P50 != nil && (!known || *w.P50 > *farthest.P50) {
			farthest = WriteLatency{Population: p.Spec.Name, P50: w.P50, P99: P99(w.P99, w.Acknowledged), Max: w.Max}
			known = true
		}
	}
	return farthest, known
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
