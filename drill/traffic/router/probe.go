package router

import (
	"context"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

// probing is one probe under way.
type probing struct {
	ctx    context.Context // ends when the probe is given up
	end    context.CancelFunc
	sent   time.Duration
	answer chan answer // of one
}

type answer struct {
	err error
	at  time.Duration
}

// watch sends a probe every interval, whatever became of those before, and
// judges by their results in the order in which they were sent. So a region that
// hangs is found out after DownAfter-1 intervals and one timeout, not after
// DownAfter timeouts.
func (r *Router) watch(ctx context.Context, region string) {
	limits := r.cfg.Fleet.Routing.Probe
	// A result waits at most for a timeout to be judged, so the queue never fills.
	queue := make(chan *probing, limits.Timeout/limits.Every+2)
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		for p := range queue {
			if err, counts := r.outcome(ctx, p); counts {
				if r.cfg.Outcome != nil {
					r.cfg.Outcome(region, err)
				}
				r.judge(region, err, p.sent)
			}
			p.end()
		}
	})
	defer close(queue)

	for next := r.cfg.Now() + limits.Every; ; next = max(next+limits.Every, r.cfg.Now()) {
		p := &probing{sent: r.cfg.Now(), answer: make(chan answer, 1)}
		p.ctx, p.end = context.WithTimeout(ctx, limits.Timeout)
		all.Go(func() {
			err := r.cfg.Probe(p.ctx, region)
			p.answer <- answer{err: err, at: r.cfg.Now()}
		})
		select {
		case queue <- p:
		case <-ctx.Done():
			p.end()
			return
		}
		if !pause.For(ctx, next-r.cfg.Now()) {
			return
		}
	}
}

// outcome waits for a probe's result. It does not count when ctx ended, when this program stood still meanwhile or could
// not send it, when what carries probes was away, or when the failure came so late that it cannot have been running: a program that was stopped for a
// second must not take the regions for dead.
func (r *Router) outcome(ctx context.Context, p *probing) (err error, counts bool) {
	var got answer
	select {
	case got = <-p.answer:
	case <-p.ctx.Done():
		select {
		case got = <-p.answer: // it had come in time, or just so
		default:
			got = answer{err: p.ctx.Err(), at: r.cfg.Now()}
		}
	}
	if ctx.Err() != nil {
		return nil, false
	}
	limits := r.cfg.Fleet.Routing.Probe
	if r.cfg.Instrument.Stood(p.sent, got.at) || got.err != nil && r.cfg.Blind != nil && r.cfg.Blind(p.sent, got.at) {
		return nil, false
	}
	if got.err != nil && (got.at-p.sent > limits.Timeout+limits.Every || failure.Own(r.cfg.Instrument, got.err, p.sent, got.at)) {
		return nil, false
	}
	return got.err, true
}
