package impact

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/timing"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What becomes of requests while a store fails by itself, and its region goes on.

// failingStore is how a region's store fails by an effect: runbook.PartStore or PartDisk; "" where it does not by itself.
func failingStore(e *exposure, region string) string {
	for _, w := range e.e.Weakens {
		if w.Region == region && (w.Part == runbook.PartStore || w.Part == runbook.PartDisk) {
			return w.Part
		}
	}
	return ""
}

// readsHang reports whether a store of the dataset whose writes hang answers no read either.
func readsHang(d *drill.DatasetState) bool {
	engine, _ := store.EngineOf(d.Spec.Engine)
	return engine.ReadsHang
}

// silentStore reports whether a region's replica of a dataset answers no read at a time though the region goes on, and whether
// who asks it waits for that: what ended is refused at once.
func silentStore(e *exposure, region string, d *drill.DatasetState, at time.Duration) (silent, hangs bool) {
	if e.ground.Storeless[region] && !e.ground.Gone[region] {
		return true, false // it was found silent before, and comes last
	}
	if at >= e.Undone || e.dead(region) || !e.e.StopsStore(region) {
		return false, false
	}
	switch failingStore(e, region) {
	case runbook.PartDisk:
		return false, false
	case runbook.PartStore:
		return readsHang(d), true
	}
	return true, e.e.Still || ofNodes(e.s.Region(region))
}

// storeApart reports whether a region's replicas run apart from its gateway, which asks other regions where they say nothing.
func storeApart(r *drill.RegionState) bool {
	isStore := func(p telemetry.Pod) bool { return p.Role == "store" }
	return r != nil && r.Seen != nil && (len(r.Seen.Zones) > 0 || slices.ContainsFunc(r.Seen.Pods, isStore))
}

// storeAlone is the answer of such an authority before another one leads; false where what is asked of it waits. A full disk
// refuses each write at once. What is stored is read of a store that hangs too, unless its server is stopped as a whole: as long as
// the lease holds by those who ask for what the leader has, and by others later as well.
func storeAlone(e *exposure, k class, at time.Duration, region string, d *drill.DatasetState, write bool) (fate, bool) {
	switch part := failingStore(e, d.Authority); {
	case part == "":
		return fate{}, false
	case at >= lockedOut(e) && (write || k.pop.Spec.Reads == topology.ReadsAuthority), part == runbook.PartDisk && write:
		return refused, true
	case write || part == runbook.PartStore && readsHang(d):
		return fate{}, false
	}
	return e.written(k, at, region, d.Authority, d, false), true
}

// lockedOut is when an authority is past its lease whose store alone fails: the lease is renewed for half of the time in which
// the store is given up (drill/controller/health), the last time half of an interval before that on average. It has to be
// over by the time that another one leads.
func lockedOut(e *exposure) time.Duration {
	if !e.s.Fleet.Failover.Fence {
		return never
	}
	lease := e.s.Fleet.Failover.Lease
	return min(topology.StallLimit(lease)/2+timing.LeaseEnds(lease), e.promoted)
}

// waited is how long after it was sent a request fails that waits for its region: that gives up, and where it asks the
// authority the authority gives up before, so that there is time for its answer. A database's write that waits for a hung server
// ends once the lease is over. What it waits for is there again once the fault is lifted, and answers or resets the connection.
func waited(e *exposure, k class, at time.Duration) time.Duration {
	if left := e.Undone - at; left > 0 {
		return min(givesUp(e, k, at), left)
	}
	return givesUp(e, k, at)
}

// givesUp is when its region, or the authority, gives up.
func givesUp(e *exposure, k class, at time.Duration) time.Duration {
	region := k.first()
	within := topology.AnswerWithin(k.timeout() - k.pop.Spec.RTT[region])
	for _, d := range e.s.Datasets {
		if failingStore(e, d.Authority) == "" || !slices.Contains(e.s.Fleet.DatasetsOf(k.pop.Spec), d.Name) {
			continue
		}
		if left := lockedOut(e) - at; left > 0 && readsHang(d) {
			within = min(within, left)
		} else if region != d.Authority {
			within = min(within, topology.AnswerWithin(within-e.ground.RoundTrip(region, d.Authority)))
		}
	}
	return within
}
