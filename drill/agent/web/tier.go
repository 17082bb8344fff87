package web

import (
	"context"
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

// Tier is the gateway's side of the web replicas: it has one after the other serve a request.
type Tier interface {
	http.Handler
	// Health is of the replicas that answer now. The error is wire.ErrNotFound where they can't be told apart.
	Health(context.Context) ([]wire.Health, error)
	// Scale makes them as many and lists them. The error is wire.ErrNotFound where something else runs them.
	Scale(replicas int) ([]wire.Health, error)
}

// RemoteConfig is what the gateway knows of web replicas that are processes of their own.
type RemoteConfig struct {
	Region    string
	URLs      []string // base URLs of the replicas, or the one of a Service before them
	Service   bool     // URLs is one address that a service spreads over its replicas
	Transport http.RoundTripper
	Logger    *slog.Logger
}

// remote is replicas that are reached by URL.
type remote struct {
	RemoteConfig
	targets []*url.URL
	next    atomic.Uint64
	serve   http.Handler
}

// NewRemote is a tier of replicas that are processes of their own.
func NewRemote(c RemoteConfig) (Tier, error) {
	t := &remote{RemoteConfig: c}
	for _, raw := range c.URLs {
		u, err := url.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("web URL %q: %w", raw, err)
		}
		t.targets = append(t.targets, u)
	}
	t.serve = answer.Timed(c.Region, answer.NewProxy(c.Region, "the web tier of "+c.Region, c.Transport, c.Logger, func(pr *httputil.ProxyRequest) {
		pr.SetURL(t.targets[t.next.Add(1)%uint64(len(t.targets))])
	}, nil))
	return t, nil
}

// ServeHTTP implements http.Handler.
func (t *remote) ServeHTTP(w http.ResponseWriter, r *http.Request) { t.serve.ServeHTTP(w, r) }

// Health asks every replica, all at once.
func (t *remote) Health(ctx context.Context) ([]wire.Health, error) {
	if t.Service {
		return nil, fmt.Errorf("the web replicas of %s are behind a service and cannot be told apart: %w", t.Region, wire.ErrNotFound)
	}
	// Loopback answers within a millisecond; half a second is what users' probes get.
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	answers := make([]*wire.Health, len(t.targets))
	var all sync.WaitGroup
	for i, target := range t.targets {
		all.Go(func() {
			c := wire.NewClient(wire.ClientConfig{Base: target.String(), Region: t.Region, HTTP: &http.Client{Transport: t.Transport}})
			if h, err := c.Health(ctx); err == nil {
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
	return out, nil
}

// Scale implements Tier: who started the replicas scales them.
func (t *remote) Scale(int) ([]wire.Health, error) {
	return nil, fmt.Errorf("the gateway of %s does not run its web replicas: scale them where they run: %w", t.Region, wire.ErrNotFound)
}
