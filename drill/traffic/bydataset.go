package traffic

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// writes is what a population's writes to one dataset took, in the whole drill.
type writes struct {
	latencies
	failed int
}

// byDataset keeps a population's writes apart by what they were written to. The
// tally's lock is held over its methods.
type byDataset map[string]*writes

func (b byDataset) ended(q *question, took time.Duration, failed bool) {
	if !q.write || q.dataset == "" {
		return
	}
	w := b[q.dataset]
	if w == nil {
		w = &writes{latencies: newLatencies()}
		b[q.dataset] = w
	}
	if failed {
		w.failed++
		return
	}
	w.record(took)
}

func (b byDataset) sample() map[string]drill.WriteLatency {
	if len(b) == 0 {
		return nil
	}
	out := map[string]drill.WriteLatency{}
	for dataset, w := range b {
		out[dataset] = drill.WriteLatency{
			Acknowledged: int(w.TotalCount()), Failed: w.failed,
			P50: w.quantile(0.50), P99: w.quantile(0.99),
		}
	}
	return out
}
