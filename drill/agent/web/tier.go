package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Servers are a region's web replicas: one after the other serves a request.
type Servers interface {
	http.Handler
	// Health is of the replicas that answer now. The error is wire.ErrNotFound where they can't be told apart.
	Health(context.Context) ([]wire.Health, error)
	// Scale makes them as many, and lists them once each takes requests. The error is wire.ErrNotFound where something
	// else runs them.
	Scale(ctx context.Context, replicas int) ([]wire.Health, error)
}

// Tier is the gateway's side of the web replicas. It can be closed as a fault.
type Tier struct {
	Servers
	region string

	mu     sync.Mutex
	closed bool
	open   context.Context // ends when the tier is closed
	cut    context.CancelFunc
}

// NewTier is a region's web tier.
func NewTier(region string, by Servers) *Tier {
	t := &Tier{Servers: by, region: region}
	t.open, t.cut = context.WithCancel(context.Background())
	return t
}

// Close closes the tier as a fault, or opens it again: what it serves is cut off, and all that comes gets the answer of a
// gateway whose servers are gone.
func (t *Tier) Close(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if on == t.closed {
		return
	}
	if t.closed = on; on {
		t.cut()
		return
	}
	t.open, t.cut = context.WithCancel(context.Background())
}

// errClosed is a tier whose servers are gone.
var errClosed = errors.New("its web servers are closed")

// ServeHTTP has one of the replicas serve the request.
func (t *Tier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	open := t.open
	t.mu.Unlock()
	if open.Err() != nil {
		answer.Error(w, t.region, answer.Unreachable(t.region, "the web tier of "+t.region, errClosed))
		return
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer context.AfterFunc(open, func() { cancel(errClosed) })()
	t.Servers.ServeHTTP(w, r.WithContext(ctx))
}

// Health is of the replicas that answer now: none of a closed tier does.
func (t *Tier) Health(ctx context.Context) ([]wire.Health, error) {
	t.mu.Lock()
	closed := t.closed
	t.mu.Unlock()
	if closed {
		return []wire.Health{}, nil
	}
	return t.Servers.Health(ctx)
}

// healthWithin is how long a replica may take to say that it lives: loopback answers within a millisecond, and half a
// second is what users' probes get.
const healthWithin = 500 * time.Millisecond

// healthOf asks so many replicas, all at once, and is of those that answer.
func healthOf(ctx context.Context, replicas int, ask func(ctx context.Context, i int) (wire.Health, error)) []wire.Health {
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	answers := make([]*wire.Health, replicas)
	var all sync.WaitGroup
	for i := range replicas {
		all.Go(func() {
			if h, err := ask(ctx, i); err == nil {
				answers[i] = &h
			}
		})
	}
	all.Wait()
	out := []wire.Health{}
	for _, h := range answers {
		if h != nil {
			out = append(out, *h)
		}
	}
	return out
}
