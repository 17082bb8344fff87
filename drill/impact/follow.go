package impact

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/recovery"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// follow follows every class until requests succeed again at the steady share, and are as fast as before, and returns
// when that may be. What a fault only makes slow is counted until it is lifted; what a cordon does, until that is done. It is
// never before what every drill waits for: one window, and a cordon's draining.
func (e *exposure) follow(classes []class) (ends []recovery.Ending, steps [][]fate) {
	horizon := e.horizon(classes)
	n := int(horizon / slice)
	requests, failed := make([]float64, n), make([]float64, n)
	steps = make([][]fate, len(classes))
	for i, k := range classes {
		rate := k.pop.Spec.Rate * k.share * slice.Seconds()
		steps[i] = make([]fate, n)
		for j := range n {
			t := time.Duration(j) * slice
			st := e.again(k, t, e.attempt(k, t))
			steps[i][j] = st
			requests[j] += rate * (1 - st.hangs - st.waits - st.stalls - st.slowed())
			failed[j] += rate * st.refused
			for _, late := range []struct {
				after time.Duration
				share float64
				fails bool
			}{{gaveUp(e, k, t), st.hangs, true}, {e.Undone - t, st.stalls, true}, {waited(e, k, t), st.waits, true},
				{st.answeredAfter(), st.slowed(), e.e.Breaks() && (t < e.Undone || !e.forGood)}} {
				at := j + int(late.after/slice)
				if at >= n {
					continue
				}
				requests[at] += rate * late.share
				if late.fails {
					failed[at] += rate * late.share
				}
			}
		}
	}
	success := runbook.HandSteady.Success
	if e.s.Plan != nil && e.s.Plan.Steady.Success > 0 {
		success = e.s.Plan.Steady.Success
	}
	least := window
	if len(e.e.Empties) > 0 {
		least = max(least, e.handedOver()+e.elsewhere()+window)
	}
	if e.counted > 0 {
		return []recovery.Ending{{At: e.counted.Round(slice), Chance: 1}}, steps
	}
	if !e.e.Breaks() { // nobody recovers from what is no fault: it is counted until it is done
		return []recovery.Ending{{At: min(max(least, e.handedOver()), time.Duration(n)*slice).Round(slice), Chance: 1}}, steps
	}
	j := recovery.Judge{Tolerated: 1 - success, Lasting: lasting(e), Settled: judgedDown(e), Least: least.Round(slice), Phases: e.phases}
	return j.Endings(requests, failed), steps
}

// elsewhereForGood reports whether users may be served from farther away for good, as data moves or a region is emptied: once the fault is
// lifted slow answers are what that costs, and no outage (drill/engine/outage).
func elsewhereForGood(e *exposure) bool {
	for _, x := range e.outcomes {
		if x.planned || (x.moves || x.open) && x.to != "" && !x.blocked {
			return true
		}
	}
	return len(e.e.Empties) > 0 || slices.ContainsFunc(e.s.Regions, func(r *drill.RegionState) bool { return r.Cordoned })
}

// elsewhere is how long after the router answers anew the last user has moved, as far as they are followed.
func (e *exposure) elsewhere() time.Duration { return min(e.s.Fleet.LastMoved(), mostMoved) }

// horizon is when all that the model knows of is over, or nobody is followed any more.
func (e *exposure) horizon(classes []class) time.Duration {
	if e.counted > 0 {
		return e.counted.Round(slice) + window
	}
	promoted := e.promoted
	for _, d := range e.s.Datasets {
		if x := e.outcomes[d.Name]; x.moves || x.open {
			promoted = max(promoted, e.takes(d.Name))
		}
		if x := e.outcomes[d.Name]; x.moves || x.open || x.planned {
			promoted = max(promoted, unnoticed(e, promoted))
		}
	}
	h := max(promoted, e.detected+e.elsewhere(), e.handedOver()+e.elsewhere()+window)
	lasting := e.unled || len(e.s.Partitions()) > 0 || len(e.e.Reshapes) > 0
	for _, x := range e.outcomes {
		lasting = lasting || x.waits != ""
	}
	for _, k := range classes {
		lasting = lasting || overloaded(e, k, h) || e.e.Breaks() && e.attempt(k, h).bad > 0
	}
	if lasting {
		h = max(h, e.Undone)
	}
	for _, k := range classes {
		h = max(h, min(k.settled(), e.Undone+mostMoved))
	}
	timeout := topology.DefaultRequestTimeout
	for _, k := range classes {
		timeout = max(timeout, k.pop.Spec.Timeout)
	}
	return (h + timeout + 2*window).Round(window) + window
}
