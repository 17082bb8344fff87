package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Tier is the gateway's side of the web replicas: one after the other.
type Tier struct {
	region    string
	targets   []*url.URL
	next      atomic.Uint64
	serve     http.Handler // has one of them serve a request
	transport http.RoundTripper
	service   bool // one address that a service spreads over its replicas
	takes     func(host string) bool

	mu     sync.Mutex
	closed bool
	open   context.Context // ends when the tier is closed
	cut    context.CancelFunc
}

// TierConfig is what the gateway knows of its web replicas.
type TierConfig struct {
	Region  string
	URLs    []string // base URLs of the replicas, or the one of a Service before them
	Service bool     // URLs is one address that a service spreads over its replicas
	// Takes reports whether what is at the host of a URL takes requests; nil takes all for it.
	Takes     func(host string) bool
	Transport http.RoundTripper
	Logger    *slog.Logger
}

// NewTier spreads requests over replicas that are reached by URL.
func NewTier(c TierConfig) (*Tier, error) {
	t := &Tier{region: c.Region, transport: c.Transport, service: c.Service, takes: c.Takes}
	t.open, t.cut = context.WithCancel(context.Background())
	for _, raw := range c.URLs {
		u, err := url.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("web URL %q: %w", raw, err)
		}
		t.targets = append(t.targets, u)
	}
	t.serve = answer.Timed(c.Region, answer.NewProxy(c.Region, "the web tier of "+c.Region, t.transport, c.Logger, func(pr *httputil.ProxyRequest) {
		pr.SetURL(t.pick())
	}, nil))
	return t, nil
}

// pick is the next replica that takes requests; where none does, the next one, whose answer says so.
func (t *Tier) pick() *url.URL {
	for range t.targets {
		next := t.targets[t.next.Add(1)%uint64(len(t.targets))]
		if t.takes == nil || t.takes(next.Host) {
			return next
		}
	}
	return t.targets[t.next.Add(1)%uint64(len(t.targets))]
}

// Inside has replicas of this process serve: what a proxy and a connection would cost is more than what they do.
func (t *Tier) Inside(replicas []http.Handler) {
	t.serve = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		replicas[t.next.Add(1)%uint64(len(replicas))].ServeHTTP(w, r)
	})
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
	t.serve.ServeHTTP(w, r.WithContext(ctx))
}

// Service reports whether the replicas are behind one address.
func (t *Tier) Service() bool { return t.service }

// Health asks every replica, all at once, and lists those that answered.
func (t *Tier) Health(ctx context.Context) []wire.Health {
	// Loopback answers within a millisecond; half a second is what users' probes get.
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	out := []wire.Health{}
	t.mu.Lock()
	closed := t.closed
	t.mu.Unlock()
	if closed {
		return out
	}
	answers := make([]*wire.Health, len(t.targets))
	var all sync.WaitGroup
	for i, target := range t.targets {
		all.Go(func() {
			c := wire.NewClient(wire.ClientConfig{Base: target.String(), Region: t.region, HTTP: &http.Client{Transport: t.transport}})
			if h, err := c.Health(ctx); err == nil {
				answers[i] = &h
			}
		})
	}
	all.Wait()
	for _, h := range answers {
		if h != nil {
			out = append(out, *h)
		}
	}
	return out
}
