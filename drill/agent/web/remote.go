package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// RemoteConfig is what the gateway knows of web replicas that are processes of their own.
type RemoteConfig struct {
	Region  string
	URLs    []string // base URLs of the replicas, or the one of a Service before them
	Service bool     // URLs is one address that a service spreads over its replicas
	// Takes reports whether what is at the host of a URL takes requests; nil takes all for it.
	Takes     func(host string) bool
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

// NewRemote is replicas that are processes of their own.
func NewRemote(c RemoteConfig) (Servers, error) {
	t := &remote{RemoteConfig: c}
	for _, raw := range c.URLs {
		u, err := url.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("web URL %q: %w", raw, err)
		}
		t.targets = append(t.targets, u)
	}
	t.serve = answer.Timed(c.Region, answer.NewProxy(c.Region, "the web tier of "+c.Region, c.Transport, c.Logger, func(pr *httputil.ProxyRequest) {
		pr.SetURL(t.pick())
	}, nil))
	return t, nil
}

// pick is the next replica that takes requests; where none does, the next one, whose answer says so.
func (t *remote) pick() *url.URL {
	for range t.targets {
		next := t.targets[t.next.Add(1)%uint64(len(t.targets))]
		if t.Takes == nil || t.Takes(next.Host) {
			return next
		}
	}
	return t.targets[t.next.Add(1)%uint64(len(t.targets))]
}

// ServeHTTP implements http.Handler.
func (t *remote) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(t.targets) == 0 {
		answer.Error(w, t.Region, noWeb(t.Region))
		return
	}
	t.serve.ServeHTTP(w, r)
}

// noWeb is the error of a region without web replicas.
func noWeb(region string) error {
	return fmt.Errorf("no web replica of %s runs: %w", region, wire.ErrNoWeb)
}

// Health asks every replica.
func (t *remote) Health(ctx context.Context) ([]wire.Health, error) {
	if t.Service {
		return nil, fmt.Errorf("the web replicas of %s are behind a service and cannot be told apart: %w", t.Region, wire.ErrNotFound)
	}
	return healthOf(ctx, len(t.targets), func(ctx context.Context, i int) (wire.Health, error) {
		return wire.NewClient(wire.ClientConfig{Base: t.targets[i].String(), Region: t.Region, HTTP: &http.Client{Transport: t.Transport}}).Health(ctx)
	}), nil
}

// Scale implements Servers: who started the replicas scales them.
func (t *remote) Scale(context.Context, int) ([]wire.Health, error) {
	return nil, fmt.Errorf("the gateway of %s does not run its web replicas: scale them where they run: %w", t.Region, wire.ErrNotFound)
}
