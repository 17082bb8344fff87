package agent

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// burst is how much of a web replica's capacity may come at once: what a quarter of a
// second brings. Requests that come by chance (Poisson) stay within it up to
// about the capacity, and a real server's queue of that length would not be
// noticed by users either. Always at least one request.
func burst(perSecond float64) int { return max(1, int(math.Ceil(perSecond/4))) }

// regionGateway is the region's gateway as a web replica sees it: the one in the same process (*gateway), or that of
// another pod (*wire.Client).
type regionGateway interface {
	Route(ctx context.Context, dataset string, w store.Write) (wire.Written, error)
	RouteRead(ctx context.Context, dataset, id string) (wire.Found, error)
}

// web is one replica of the stateless tier. It knows its gateway and nothing else.
type web struct {
	region  string
	name    string
	build   string
	token   string
	gateway regionGateway
	limit   *rate.Limiter
	timeout time.Duration
}

// grace is how much longer than the gateway a web replica waits, so that the
// gateway's answer, which names the region that was silent, comes first.
const grace = 250 * time.Millisecond

func newWeb(c Config, name string, gateway regionGateway) *web {
	limit := rate.NewLimiter(rate.Inf, 0)
	if c.Capacity > 0 {
		share := c.Capacity / float64(c.Replicas)
		limit = rate.NewLimiter(rate.Limit(share), burst(share))
	}
	return &web{
		region: c.Region, name: name, build: c.Build, token: c.Token, limit: limit, timeout: c.WriteTimeout + grace,
		gateway: gateway,
	}
}

// remoteGateway is the gateway in another pod.
func remoteGateway(c Config, base string, transport http.RoundTripper) regionGateway {
	return wire.NewClient(wire.ClientConfig{
		Base: strings.TrimSuffix(base, "/"), Region: c.Region, Token: c.Token,
		HTTP: &http.Client{Transport: transport},
	})
}

func (b *web) handler(started time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.PathHealth, live(b.region, b.name, b.build, started))
	mux.HandleFunc("GET "+wire.PathLive, live(b.region, b.name, b.build, started))
	guard := newGuard(b.region, b.token)
	mux.Handle("POST "+wire.PathApp+"{dataset}", guard.own(b.served(b.write)))
	mux.Handle("GET "+wire.PathApp+"{dataset}/{id}", guard.own(b.served(b.read)))
	mux.HandleFunc("/", guard.unknown)
	return mux
}

// served sheds what is above the capacity, checks the path, and limits the time.
func (b *web) served(do verbOfUser) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(wire.HeaderReplica, b.name)
		if !b.limit.Allow() {
			writeError(w, b.region, fmt.Errorf("%s of %s is above its %.4g requests per second: %w", b.name, b.region, float64(b.limit.Limit()), wire.ErrShed))
			return
		}
		if err := wire.CheckName("dataset", r.PathValue("dataset")); err != nil {
			writeError(w, b.region, err)
			return
		}
		ctx, cancel, err := awaited(r, b.timeout)
		if err != nil {
			writeError(w, b.region, err)
			return
		}
		defer cancel()
		v, err := do(ctx, w, r)
		writeResult(w, b.region, v, err)
	})
}

type verbOfUser func(ctx context.Context, w http.ResponseWriter, r *http.Request) (any, error)

func (b *web) write(ctx context.Context, w http.ResponseWriter, r *http.Request) (any, error) {
	var in store.Write
	if err := decode(w, r, &in); err != nil {
		return nil, err
	}
	if err := wire.CheckID(in.ID); err != nil {
		return nil, err
	}
	written, err := b.gateway.Route(ctx, r.PathValue("dataset"), in)
	if err != nil {
		return nil, err
	}
	written.Region, written.Replica = b.region, b.name
	return written, nil
}

// read looks in the region's own replica, near and behind by its lag, or where the region
// keeps none in the nearest that answers.
func (b *web) read(ctx context.Context, _ http.ResponseWriter, r *http.Request) (any, error) {
	id := r.PathValue("id")
	if err := wire.CheckID(id); err != nil {
		return nil, err
	}
	return b.gateway.RouteRead(ctx, r.PathValue("dataset"), id)
}

// webTier is the gateway's side of the web replicas: one after the other.
type webTier struct {
	region    string
	targets   []*url.URL
	next      atomic.Uint64
	serve     http.Handler // has one of them serve a request
	transport http.RoundTripper
	single    bool // one address that a service spreads over its replicas
}

func newWebTier(c Config, urls []string, transport http.RoundTripper) (*webTier, error) {
	t := &webTier{region: c.Region, transport: transport, single: c.Role == RoleGateway && len(urls) == 1}
	for _, raw := range urls {
		u, err := url.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("web URL %q: %w", raw, err)
		}
		t.targets = append(t.targets, u)
	}
	t.serve = timed(c.Region, newProxy(c.Region, "the web tier of "+c.Region, t.transport, c.Logger, func(pr *httputil.ProxyRequest) {
		pr.SetURL(t.targets[t.next.Add(1)%uint64(len(t.targets))])
	}, nil))
	return t, nil
}

// inside has replicas of this process serve: what a proxy and a connection would cost is more than what they do.
func (t *webTier) inside(replicas []http.Handler) {
	t.serve = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		replicas[t.next.Add(1)%uint64(len(replicas))].ServeHTTP(w, r)
	})
}

// service reports whether the replicas are behind one address.
func (t *webTier) service() bool { return t.single }

// health asks every replica, all at once, and lists those that answered.
func (t *webTier) health(ctx context.Context) []wire.Health {
	// Loopback answers within a millisecond; half a second is what users' probes get.
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
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
	out := []wire.Health{}
	for _, h := range answers {
		if h != nil {
			out = append(out, *h)
		}
	}
	return out
}
