package impact

import (
	"math"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// capacity is the requests per second that a region's web tier takes at a time, with what the effect takes of it and as later
// steps of the plan scale it; false where that is unlimited.
func capacity(e *exposure, region string, at time.Duration) (perSecond float64, limited bool) {
	perSecond, limited = measure.CapacityOf(e.s, region)
	for _, s := range e.scaled {
		if s.region == region && at >= s.at {
			each := e.s.Fleet.Web.PerReplica()
			perSecond, limited = each*float64(s.replicas), each > 0 || s.replicas == 0
			break
		}
	}
	for _, w := range e.e.Weakens {
		if w.Region == region {
			perSecond *= w.Web
		}
	}
	return perSecond, limited
}

// overload is the share of attempts that a region's web tier sheds at a time, since more come than it has capacity for, with what
// its users' retries add to them. Once the fault is lifted its users go back.
func (e *exposure) overload(classes []class, region string, at time.Duration) float64 {
	takes, limited := capacity(e, region, at)
	if region == nowhere || !limited || at >= e.undone || e.silent(region, at) {
		return 0
	}
	key := load{region, at}
	shed, known := e.loads[key]
	if !known {
		if e.loads == nil {
			e.loads = map[load]float64{}
		}
		shed = settled(classes, region, e.detected, at, e.s.Fleet.Web.Queue, takes)
		e.loads[key] = shed
	}
	return shed
}

// load is a region at a time.
type load struct {
	region string
	at     time.Duration
}

// settled is the share of attempts that a region sheds which takes so many a second, once its users retry, and its queue, into
// which others come from when it began, is full.
func settled(classes []class, region string, began, at, queue time.Duration, capacity float64) float64 {
	asked := 0.0
	for _, k := range classes {
		asked += k.pop.Spec.Rate * k.share * policy.Answer{Shares: k.served(at)}.Part(region)
	}
	if asked <= capacity || at < began+filled(capacity, asked, queue) {
		return 0
	}
	// What is shed is sent again, which sheds more: followed until it stands still.
	shed := 0.0
	for range 20 {
		attempts := 0.0
		for _, k := range classes {
			for _, to := range k.served(at) {
				if to.Region == region {
					attempts += k.pop.Spec.Rate * k.share * to.Part * (1 + retried(k.pop.Spec.Retries, shed))
				}
			}
		}
		next := max(0, 1-capacity/max(attempts, capacity, 1e-9))
		if math.Abs(next-shed) < 1e-4 {
			return next
		}
		shed = next
	}
	return shed
}

// filled is how long it takes until a region sheds: what comes above its capacity fills its burst and its queue first.
func filled(capacity, asked float64, queue time.Duration) time.Duration {
	return time.Duration(capacity * float64(topology.WebBurst+queue) / (asked - capacity))
}

// retried is how many retries a request costs on average where a share of attempts fails.
func retried(r topology.Retries, failing float64) float64 {
	n, again := 0.0, 1.0
	for range r.Most {
		again *= failing
		n += again
	}
	if r.Budget > 0 {
		n = min(n, r.Budget)
	}
	return n
}

// shed is the share of requests of a class that fail in the end where a share of attempts is shed: each retry is one more
// chance.
func shed(r topology.Retries, overload float64) float64 {
	if overload == 0 {
		return 0
	}
	return max(0, overload-retried(r, overload)*(1-overload))
}

// overloaded reports whether a region that serves the class at a time sheds.
func overloaded(e *exposure, classes []class, k class, at time.Duration) bool {
	return slices.ContainsFunc(k.served(at), func(to policy.Share) bool { return e.overload(classes, to.Region, at) > 0 })
}

// loaded is what becomes of a class's requests, where regions that serve it shed some: what such a region takes waits for its turn
// as long as its queue allows, since that is full.
func loaded(e *exposure, classes []class, k class, at time.Duration, otherwise fate) fate {
	out := otherwise
	for _, to := range k.served(at) {
		overload := e.overload(classes, to.Region, at)
		if overload == 0 {
			continue
		}
		failed := to.Part * shed(k.pop.Spec.Retries, overload)
		out = fate{}.plus(out, 1-failed).plus(refused, failed)
		if slow := threshold(k.pop); slow != nil && k.pop.Spec.RTT[to.Region]+e.s.Fleet.Web.Queue > *slow {
			out = out.plus(tooSlow, max(0, 1-out.bad)*to.Part)
		}
	}
	return out
}
