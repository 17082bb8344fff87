package traffic

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

// retrier decides which failed requests of a population are sent again, and how long after.
type retrier struct {
	spec topology.Retries

	mu     sync.Mutex
	jitter *rand.Rand
	budget float64 // retries that may be sent now
	most   float64 // the budget that is kept at the most
}

// newRetrier is the retrier of a population that sends so many requests per second.
func newRetrier(spec topology.Retries, rate float64, jitter *rand.Rand) *retrier {
	return &retrier{spec: spec, jitter: jitter, most: max(1, spec.Budget*rate*topology.RetryBudgetOver.Seconds())}
}

// asked counts a request, which adds its share to the budget.
func (r *retrier) asked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.budget = min(r.budget+r.spec.Budget, r.most)
}

// again is how long after its n-th failure, from 1, a request is sent again; false where it is not. The wait is drawn from
// none up to twice as much after each failure: "full jitter" (Brooker, "Exponential Backoff And Jitter", AWS 2015).
func (r *retrier) again(n int, why string) (after time.Duration, is bool) {
	if n > r.spec.Most || lasting[why] {
		return 0, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spec.Budget > 0 {
		if r.budget < 1 {
			return 0, false
		}
		r.budget--
	}
	return time.Duration(r.jitter.Float64() * float64(r.spec.Backoff<<min(n-1, 20))), true
}

// lasting are the failures that the same request meets again, or that are none of the fleet's.
var lasting = map[string]bool{
	failure.NoDescriptor: true, failure.Stopped: true, failure.Jurisdiction: true,
	failure.Word(wire.CodePinned): true, failure.Word(wire.CodeUnauthorized): true, failure.Word(wire.CodeNotFound): true,
	failure.Word(wire.CodeBad): true, failure.Word(wire.CodeBadWrite): true,
}

// served sends a request and, where it fails, sends it again as its population's retries have it, to the region that its user
// is told then. A write keeps its id, so that it is stored once. It returns where it went last and what came of that.
func (p *population) served(ctx context.Context, req *request, region string, known bool, payload []byte) (string, outcome) {
	p.retries.asked()
	for failed := 1; ; failed++ {
		out := p.attempt(ctx, req, &region, known, payload)
		if out.failure == "" || ctx.Err() != nil {
			return region, out
		}
		after, again := p.retries.again(failed, out.failure)
		if !again || p.cfg.Now()+after >= req.due+p.spec.Timeout {
			return region, out // its user would have gone
		}
		p.kept.answered(req.user, region, out.failure)
		if !pause.For(ctx, after) {
			return region, out
		}
		p.metrics.retried()
		region, known = p.known(req.user, p.cfg.Now())
	}
}

// attempt sends a request once, to a region that is looked up where it is not known.
func (p *population) attempt(ctx context.Context, req *request, region *string, known bool, payload []byte) outcome {
	if !known {
		var err error
		if *region, err = p.entry.find(ctx, req.user); err != nil {
			return outcome{at: p.cfg.Now(), failure: failure.Reason(err)}
		}
	}
	return p.send(ctx, req, *region, payload)
}
