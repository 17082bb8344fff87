package impact

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What becomes of requests while an authority's store fails by itself, and its region goes on.

// failingStore is how a region's store fails by an effect: runbook.PartStore or PartDisk; "" where it does not by itself.
func failingStore(e *exposure, region string) string {
	for _, w := range e.e.Weakens {
		if w.Region == region && (w.Part == runbook.PartStore || w.Part == runbook.PartDisk) {
			return w.Part
		}
	}
	return ""
}

// storeAlone is the answer of such an authority before another one leads; false where what is asked of it waits. A full disk
// refuses each write at once. What is stored is read, of a log that hangs too. A database's server is stopped as a whole: that
// its reads hang is not predicted.
func storeAlone(e *exposure, k class, at time.Duration, region string, d *drill.DatasetState, write bool) (fate, bool) {
	switch part := failingStore(e, d.Authority); {
	case part != "" && !write:
		return e.written(k, at, region, d.Authority, d, false), true
	case part == runbook.PartDisk:
		return refused, true
	}
	return fate{}, false
}

// waited is how long after it was sent a request fails that waits for its region: that gives up, or the authority whose store
// alone fails is locked out, since another one leads.
func waited(e *exposure, k class, at time.Duration) time.Duration {
	within := topology.AnswerWithin(k.pop.Spec.Timeout - k.pop.Spec.RTT[k.first()])
	for _, d := range e.s.Datasets {
		if left := e.promoted - at; left > 0 && failingStore(e, d.Authority) != "" {
			within = min(within, left)
		}
	}
	return within
}
