// Package timing is when what a fleet is set to do about a loss is expected to happen, counted from the loss.
package timing

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Detection is how long the router takes to call a region down that falls silent: half an
// interval to the next probe on average, the probes after it, and the last one's timeout.
func Detection(f topology.Fleet) time.Duration {
	p := f.Routing.Probe
	return p.Every/2 + time.Duration(p.DownAfter-1)*p.Every + p.Timeout
}

// Detected is when the router calls down what an effect takes away. What is refused has no probe wait: the gateway of a region
// without a web tier answers for itself.
func Detected(f topology.Fleet, e runbook.Effect) time.Duration {
	if len(e.Weakens) > 0 && len(e.Stops)+len(e.Cuts) == 0 {
		return Detection(f) - f.Routing.Probe.Timeout
	}
	return Detection(f)
}

// RTO is detection and, with fencing, the lease, whichever is over later. A person who
// decides comes on top, and where nobody writes from a region that is left, what
// the DNS TTL has left to run.
// A store that is lost in a region that goes on serving is found out by its silence alone, or by what it says of its writes when
// its lease is to be renewed: half of that interval later on average.
func RTO(f topology.Fleet, e runbook.Effect) time.Duration {
	if len(e.Weakens) > 0 {
		return topology.StallLimit(f.Failover.Lease) + topology.RenewEvery(f.Failover.Lease)/2
	}
	if !f.Failover.Fence {
		return Detection(f)
	}
	return max(Detection(f), f.Failover.Lease)
}

// A lease is granted from a reading of the region's clock that came with the answer to the renewal before (drill/controller), so that it
// ends one interval of renewals sooner than its length after it was granted. The last answer was half an interval ago on average.

// LeaseEnds is when a lease is over that is renewed no more, for who holds it, counted from when renewals stop.
func LeaseEnds(lease time.Duration) time.Duration {
	every := topology.RenewEvery(lease)
	return lease - every - every/2
}

// Succession is when a lost authority's successor takes writes: RTO, but for the lease as its end is counted by the controller on
// average, from the last answer. The renewal that was sent after that may have arrived.
func Succession(f topology.Fleet, e runbook.Effect) time.Duration {
	if len(e.Weakens) > 0 || !f.Failover.Fence {
		return RTO(f, e)
	}
	return max(Detection(f), f.Failover.Lease-topology.RenewEvery(f.Failover.Lease)/2)
}

// Noticed is about how long the router takes to call a region up that answers.
func Noticed(f topology.Fleet) time.Duration {
	probe := f.Routing.Probe
	return max(time.Duration(probe.UpAfter-1)*probe.Every, probe.Hold(1)) + probe.Every/2
}
