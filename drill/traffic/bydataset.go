package traffic

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// writes is what a population's writes to one dataset took, in the whole drill.
type writes struct {
	took   latencies
	failed int
}

// byDataset keeps a population's writes apart by what they were written to. The recorder's lock guards it.
type byDataset map[string]*writes

func (b byDataset) ended(req *request, took time.Duration, failed bool) {
	if !req.write || req.dataset == "" {
		return
	}
	w := b[req.dataset]
	if w == nil {
		w = &writes{took: newLatencies()}
		b[req.dataset] = w
	}
	if failed {
		w.failed++
		return
	}
	w.took.record(took)
}

func (b byDataset) sample() map[string]telemetry.WriteLatency {
	if len(b) == 0 {
		return nil
	}
	out := map[string]telemetry.WriteLatency{}
	for dataset, w := range b {
		out[dataset] = telemetry.WriteLatency{
			Acknowledged: w.took.n(), Failed: w.failed,
			P50: w.took.quantile(0.50), P99: w.took.quantile(0.99), Max: w.took.max(),
		}
	}
	return out
}
