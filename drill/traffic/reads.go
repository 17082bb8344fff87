package traffic

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// reads counts what a population's reads found. The recorder's lock guards it.
type reads struct {
	stale, own, ownMissed int
	took, ages            latencies
}

func newReads() reads { return reads{took: newLatencies(), ages: newLatencies()} }

// lookup is what a read that was answered looked for: a write that had been acknowledged so long before the read was sent.
type lookup struct {
	age   time.Duration
	found bool
}

// ended takes an answered read in, which took so long.
func (r *reads) ended(req *request, l lookup, took time.Duration) {
	r.took.record(took)
	if req.own != nil {
		r.own++
	}
	if l.found {
		return
	}
	r.stale++
	if req.own != nil {
		r.ownMissed++
	}
	r.ages.record(l.age)
}

func (r *reads) sample() *telemetry.Reads {
	if r.took.n() == 0 {
		return nil
	}
	return &telemetry.Reads{
		Answered: r.took.n(), Stale: r.stale, Own: r.own, OwnMissed: r.ownMissed,
		AgeP50: r.ages.quantile(0.50), AgeMax: r.ages.max(),
		P50: r.took.quantile(0.50), P99: r.took.quantile(0.99), Max: r.took.max(),
	}
}

// ownWrite is a write of a user's that was acknowledged at a time.
type ownWrite struct {
	user        int
	dataset, id string
	acked       time.Duration
}

const (
	// ownWithin is how long after its acknowledgement a user may look at what they wrote: the page that is shown next.
	ownWithin = 2 * time.Second
	// mostOwn bounds the writes that nobody has looked at yet.
	mostOwn = 1024
)

// ownWrites are a population's writes that their users have not looked at. Each is looked at once: the newest first, so that the
// look comes soon after the write, as a page does that is loaded again.
type ownWrites struct {
	share float64 // of reads that look at one
	draw  *rand.Rand

	mu  sync.Mutex
	all []ownWrite // by when they were acknowledged
}

// wrote notes a write that was acknowledged.
func (o *ownWrites) wrote(w ownWrite) {
	if o.share == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, w)
	if len(o.all) > mostOwn {
		o.all = append(o.all[:0], o.all[len(o.all)-mostOwn:]...)
	}
}

// next is the write that a read due at a time looks at; nil where it is one of another's, or nobody wrote lately.
func (o *ownWrites) next(due time.Duration) *ownWrite {
	if o.share == 0 || o.draw.Float64() >= o.share {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.all) == 0 {
		return nil
	}
	newest := o.all[len(o.all)-1]
	if due-newest.acked > ownWithin {
		o.all = o.all[:0]
		return nil
	}
	o.all = o.all[:len(o.all)-1]
	return &newest
}

// reading sends a read: of what the user wrote just before, or of a write that is known to be acknowledged. Where none is yet
// there is nothing to find, which is an answer as good as any; then it says nothing of what reads find.
func (p *population) reading(ctx context.Context, client *wire.Client, req *request, region string) (looked *lookup, queued time.Duration, err error) {
	id, acked, known := p.cfg.Run+"-0", time.Duration(0), false
	if req.own != nil {
		id, acked, known = req.own.id, req.own.acked, true
	} else if recent, at, any := p.cfg.Ledger.Recent(req.dataset, req.back); any {
		id, acked, known = recent, at, true
	}
	asked := p.cfg.Now()
	found, err := p.read(ctx, client, req.dataset, id, region)
	if err != nil || !known {
		return nil, found.Queued, err
	}
	return &lookup{age: asked - acked, found: found.Found}, found.Queued, nil
}
