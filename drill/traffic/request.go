package traffic

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// ask resolves a region and sends the request there, in a goroutine of its own. A
// request that can't be sent fails at once.
func (p *population) ask(ctx context.Context, q *request) {
	now := p.cfg.Now()
	p.metrics.began(q)
	region, ok := p.resolvers.lookup(q.user, now)
	if !ok {
		p.metrics.ended(q, outcome{at: now, failure: reasonNoRegion})
		return
	}
	left := q.due + p.spec.Timeout - now
	free := false
	if left > 0 {
		select {
		case p.slots <- struct{}{}:
			free = true
		default:
		}
	}
	if !free {
		p.metrics.ended(q, outcome{at: now, failure: reasonNotSent})
		return
	}
	var payload []byte
	if q.write {
		payload = p.payload()
	}
	p.asking.Go(func() {
		defer func() { <-p.slots }()
		asking, cancel := context.WithTimeout(ctx, left)
		defer cancel()
		out := p.send(asking, q, region, payload)
		if out.failure != "" && ctx.Err() != nil {
			// The drill has ended, so this says nothing about the region.
			p.metrics.dropped(q)
			return
		}
		p.metrics.ended(q, out)
	})
}

// send sends one request and waits for its answer. wire.Client takes an answer
// only from the region that was asked.
func (p *population) send(ctx context.Context, q *request, region string, payload []byte) outcome {
	client := p.clients[region]
	if client == nil {
		return outcome{at: p.cfg.Now(), failure: reasonNoRegion}
	}
	var err error
	stale := false
	switch {
	case q.dataset == "":
		_, err = client.Health(ctx)
	case q.write:
		return p.write(ctx, q, region, payload)
	default:
		id, acked := p.cfg.Ledger.Recent(q.dataset, q.back)
		if !acked {
			// Nothing to find yet, which is an answer as good as any.
			id = p.cfg.Run + "-0"
		}
		found, failure := client.Read(ctx, q.dataset, id)
		err, stale = failure, acked && !found.Found
	}
	if err != nil {
		return outcome{at: p.cfg.Now(), failure: reason(err)}
	}
	return outcome{at: p.cfg.Now(), region: region, stale: stale}
}

// write sends one write, once: a user who gets no answer does not know whether
// it was stored, and neither does the ledger.
func (p *population) write(ctx context.Context, q *request, region string, payload []byte) outcome {
	id := p.writeID()
	p.cfg.Ledger.Sent(q.dataset, id, payload, p.cfg.Now())
	written, err := p.clients[region].Write(ctx, q.dataset, store.Write{ID: id, Payload: payload})
	at := p.cfg.Now()
	if err != nil {
		why := reason(err)
		p.cfg.Ledger.Unacked(q.dataset, id, at, why)
		return outcome{at: at, failure: why}
	}
	p.cfg.Ledger.Acked(q.dataset, id, written.Authority, written.Epoch, written.Index, at)
	p.cfg.OnAck(q.dataset, written.Authority, written.Epoch, at)
	return outcome{at: at, region: region}
}

// outcome is how a request ended: answered by region, or why not.
type outcome struct {
	at      time.Duration
	region  string
	failure string // "" is success
	stale   bool
}
