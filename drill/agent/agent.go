package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/discovery"
	"github.com/fleetdrill/fleetdrill/drill/agent/front"
	"github.com/fleetdrill/fleetdrill/drill/agent/peers"
	"github.com/fleetdrill/fleetdrill/drill/agent/web"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/agent/zone"
	"github.com/fleetdrill/fleetdrill/drill/identity/workload"
)

// Agent is a running agent. Start makes one, Close ends it.
type Agent struct {
	cfg     Config
	started time.Time
	addr    net.Addr
	leaving context.Context
	leave   context.CancelFunc
	failed  chan error
	serving sync.WaitGroup
	// stops are done in order, each with what is left of the time to stop.
	stops []func(context.Context) error
	front *front.Front // nil where the fleet has no identities
	// closes are done last, whatever happened before.
	closes []func()
}

// Start makes the agent of one role and returns once it listens; it serves
// health from then on, and all else once it was sent a topology. The caller
// calls Close.
func Start(c Config) (*Agent, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("start the agent of region %s: %w", c.Region, err)
	}
	a := &Agent{cfg: c, started: c.Now(), failed: make(chan error, 1)}
	a.leaving, a.leave = context.WithCancel(context.Background())
	if err := a.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the agent of region %s: %w", c.Region, err), a.abandon())
	}
	c.Logger.Info("listening", "role", string(c.Role), "addr", a.addr.String(), "run", c.Run)
	return a, nil
}

// Addr is where the agent listens, host:port.
func (a *Agent) Addr() string { return a.addr.String() }

// Failed gives the error of a server that ended by itself.
func (a *Agent) Failed() <-chan error { return a.failed }

// Close stops gracefully: streams end, requests that are being served are
// finished, replicas are closed. What has not ended when ctx does is cut off,
// and ctx's error is returned.
func (a *Agent) Close(ctx context.Context) error {
	a.leave()
	var errs []error
	for _, stop := range a.stops {
		errs = append(errs, stop(ctx))
	}
	a.cutOff()
	return errors.Join(errs...)
}

// abandon ends what a failed start has begun.
func (a *Agent) abandon() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return a.Close(ctx)
}

func (a *Agent) cutOff() {
	for _, c := range a.closes {
		c()
	}
	a.serving.Wait()
}

func (a *Agent) start() error {
	listener, err := a.listen(a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s (give another port with --listen, or 0 to pick one): %w", a.cfg.Listen, err)
	}
	a.addr = listener.Addr()
	if a.cfg.ID != "" {
		holder, err := workload.New(a.cfg.ID, a.cfg.Now)
		if err != nil {
			return err
		}
		a.front = front.New(a.cfg.Region, a.cfg.Token, holder, a.cfg.Logger)
	}
	switch a.cfg.Role {
	case RoleAll:
		if len(a.cfg.Zones) > 0 {
			return a.startZoned(listener)
		}
		return a.startAll(listener)
	case RoleGateway:
		handler, err := a.gatewayOnly()
		if err != nil {
			return err
		}
		a.serveFront(listener, handler)
	case RoleWeb:
		a.serve(listener, a.webOnly())
	case RoleStore:
		far := &distances{}
		replicas := newStores(a.cfg, a.upstream(a.cfg.Gateway, a.ownTransport(), far), far)
		a.serve(listener, a.storeOnly(replicas))
		a.closeStores(replicas)
	}
	return nil
}

// startAll makes a complete region in one process, and web replicas that are added later in processes of their own. Users and
// peers come in by the outer listener. The region's own tiers reach each other inside the process, and other regions by its
// gateway without a connection in between; an inner listener is for tunnels. So a graceful stop, which is in the order of this
// function, can wait for the users' requests while these still get through.
func (a *Agent) startAll(outer net.Listener) error {
	inner, err := a.listen("127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the region's own tiers: %w", err)
	}
	far, out := &distances{}, &egress{}
	replicas := newStores(a.cfg, a.upstream("http://"+inner.Addr().String(), out, far), far)
	g := a.gateway(replicas, replicas.handler(answer.NewGuard(a.cfg.Region, a.cfg.Token)))
	out.gateway = g
	zones, err := a.processes(nil, "http://"+inner.Addr().String())
	if err != nil {
		return err
	}
	g.zones = zones
	if err := startWeb(a, g, zones); err != nil {
		return err
	}
	handler := g.handler(a.cfg, a.started)
	a.serveFront(outer, handler)
	a.stops = append(a.stops, zones.Close) // after the requests that they serve
	a.closeStores(replicas)
	a.serve(inner, handler)
	return nil
}

// listen opens a listener that is closed with the agent.
func (a *Agent) listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	a.closes = append(a.closes, func() { _ = l.Close() }) // its server has closed it, unless none was started
	return l, nil
}

// ownTransport leads to the region's own gateway.
func (a *Agent) ownTransport() *http.Transport {
	t := wire.NewTransport()
	a.closes = append(a.closes, t.CloseIdleConnections)
	return t
}

func (a *Agent) gatewayOnly() (http.Handler, error) {
	stores := peers.NewTransport(a.cfg.WriteTimeout, peers.MostKept, nil)
	a.closes = append(a.closes, stores.CloseIdleConnections)
	client, api, err := newRemoteStore(a.cfg, a.cfg.Store, stores)
	if err != nil {
		return nil, err
	}
	// One address is a service in front of the replicas. That spreads connections, not
	// requests: kept ones would all lead to one replica, which then sheds what the others
	// had room for. A connection inside a
	// node costs a tenth of a millisecond.
	kept := peers.MostKept
	if len(a.cfg.Web) == 1 {
		kept = 0
	}
	transport := peers.NewTransport(a.cfg.WriteTimeout, kept, nil)
	a.closes = append(a.closes, transport.CloseIdleConnections)
	g := a.gateway(client, api)
	if err := followCluster(a, g); err != nil {
		return nil, err
	}
	webs, err := a.remote(a.cfg.Web, a.checked(), transport)
	if err != nil {
		return nil, err
	}
	if g.rules != nil {
		webs = ruled{webs, a.cfg.Region, g.rules}
	}
	g.web = web.NewTier(a.cfg.Region, webs)
	return g.handler(a.cfg, a.started), nil
}

// remote is web replicas in processes of their own; takes says which of their hosts take requests, nil for all.
func (a *Agent) remote(urls []string, takes func(host string) bool, webs http.RoundTripper) (web.Servers, error) {
	return web.NewRemote(web.RemoteConfig{
		Region: a.cfg.Region, URLs: urls, Service: a.cfg.Role == RoleGateway && len(urls) == 1, Takes: takes, Transport: webs, Logger: a.cfg.Logger,
	})
}

// gateway is the region's, without its web tier.
func (a *Agent) gateway(store storeTier, api http.Handler) *gateway {
	g := &gateway{
		region: a.cfg.Region, run: a.cfg.Run, writeTimeout: a.cfg.WriteTimeout,
		maker:  peers.Maker{Region: a.cfg.Region, Token: a.cfg.Token, WriteTimeout: a.cfg.WriteTimeout, Logger: a.cfg.Logger},
		logger: a.cfg.Logger, store: store, storeAPI: api,
		far:    &far{now: a.cfg.Clock, silent: map[string]silence{}},
		itself: a.watchItself(), clock: a.cfg.Clock,
	}
	if a.front != nil {
		g.maker.Secure = a.front.Secure
	}
	g.found = discovery.New(discovery.Config{Ask: g.askStatus, Now: a.cfg.Clock, Logger: a.cfg.Logger})
	a.closes = append(a.closes, g.found.Close)
	a.closes = append(a.closes, func() { leaveAll(g) })
	return g
}

// checked is which of several web addresses take requests, by health checks; nil where one address stands for all.
func (a *Agent) checked() func(host string) bool {
	if len(a.cfg.Web) < 2 {
		return nil
	}
	targets := zone.Check(a.cfg.Web)
	a.closes = append(a.closes, targets.Close)
	return targets.Takes
}

// webReplica is a web replica that starts now.
func (a *Agent) webReplica(name string, gateway web.Gateway) *web.Replica {
	return web.New(webConfig(a, name, gateway))
}

func webConfig(a *Agent, name string, gateway web.Gateway) web.Config {
	return web.Config{
		Region: a.cfg.Region, Name: name, Build: a.cfg.Build, Token: a.cfg.Token, Capacity: a.cfg.Capacity, Queue: a.cfg.Queue, Clock: a.cfg.Clock,
		Timeout: a.cfg.WriteTimeout, Gateway: gateway, Started: a.cfg.Now(), Version: a.cfg.WebVersion,
	}
}

// webOnly is a web replica whose gateway is in another pod.
func (a *Agent) webOnly() http.Handler {
	return a.webReplica(a.cfg.Replica, wire.NewClient(wire.ClientConfig{
		Base: strings.TrimSuffix(a.cfg.Gateway, "/"), Region: a.cfg.Region, Token: a.inside(),
		HTTP: &http.Client{Transport: a.ownTransport()},
	}))
}

// storeOnly serves what the gateway asks of a store in another pod.
func (a *Agent) storeOnly(replicas *stores) http.Handler {
	guard := answer.NewGuard(a.cfg.Region, a.cfg.Token)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.PathLive, answer.Live(a.cfg.Region, "store", a.cfg.Build, a.started))
	mux.HandleFunc("GET "+wire.PathHealth, answer.Live(a.cfg.Region, "store", a.cfg.Build, a.started))
	mux.Handle("GET "+wire.PathStatus, guard.Own(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st, err := replicas.Status(r.Context())
		answer.Result(w, a.cfg.Region, st, err)
	})))
	mux.Handle("PUT "+wire.PathTopology, guard.Own(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var t wire.Topology
		if err := answer.Decode(w, r, &t); err != nil {
			answer.Error(w, a.cfg.Region, err)
			return
		}
		st, err := replicas.PutTopology(r.Context(), t)
		answer.Result(w, a.cfg.Region, st, err)
	})))
	mux.Handle(wire.PathStore, replicas.handler(guard))
	mux.HandleFunc("/", guard.Unknown)
	return mux
}

func (a *Agent) upstream(gateway string, transport http.RoundTripper, far *distances) *wire.Upstream {
	return wire.NewUpstream(wire.UpstreamConfig{
		Gateway: gateway, Region: a.cfg.Region, Token: a.inside(),
		HTTP: &http.Client{Transport: transport}, IdleTimeout: a.cfg.IdleTimeout, RTT: far.to,
	})
}

// inside is what this region's own tiers show its gateway.
func (a *Agent) inside() string { return wire.Inside(a.cfg.Token, a.cfg.Region) }

// closeStores ends the replicas, and with them the streams they follow.
func (a *Agent) closeStores(s *stores) {
	a.stops = append(a.stops, func(context.Context) error { return s.Close() })
}
