package agent

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/discovery"
	"github.com/fleetdrill/fleetdrill/drill/agent/objects"
	"github.com/fleetdrill/fleetdrill/drill/agent/peers"
	"github.com/fleetdrill/fleetdrill/drill/agent/web"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/agent/zone"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/instrument"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// storeTier is the region's store as the gateway sees it: the one in the same
// process (*stores), or that of another pod (*wire.Client).
type storeTier interface {
	Status(context.Context) (wire.RegionStatus, error)
	PutTopology(context.Context, wire.Topology) (wire.RegionStatus, error)
	Append(ctx context.Context, dataset string, epoch uint64, w store.Write) (store.Ack, error)
	Lookup(ctx context.Context, dataset, id string, leading bool) (wire.Found, error)
}

// gateway is the region's single entry, and its exit to the others.
type gateway struct {
	region       string
	run          string
	maker        peers.Maker
	writeTimeout time.Duration
	logger       *slog.Logger

	store    storeTier
	storeAPI http.Handler // takes what is below wire.PathStore
	web      *web.Tier
	zones    *zone.Zones    // the region's processes beside this one; nil where a cluster runs them
	objects  *objects.Store // nil where the region keeps none itself
	rules    *objects.Rules // nil where nobody governs the region by objects

	applying sync.Mutex // one topology at a time
	routes   atomic.Pointer[peers.Routes]
	found    *discovery.Directory // where writes are taken, if the region finds that by itself
	formers  sync.Map             // base URL → *peers.Peer at an address that a topology had once
	far      *far

	itself *instrument.Watch // nil knows nothing of itself
	clock  func() time.Duration
}

func (g *gateway) handler(c Config, started time.Time) http.Handler {
	guard := answer.NewGuard(c.Region, c.Token)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.PathLive, answer.Live(c.Region, "gateway", c.Build, started))
	mux.Handle("GET "+wire.PathHealth, g.web)
	mux.Handle(wire.PathApp, guard.Own(g.web))
	mux.Handle("PUT "+wire.PathWeb, guard.Own(http.HandlerFunc(g.setWeb)))
	mux.Handle("GET "+wire.PathStatus, guard.Own(http.HandlerFunc(g.serveStatus)))
	mux.Handle("PUT "+wire.PathTopology, guard.Own(http.HandlerFunc(g.serveTopology)))
	mux.Handle("POST "+wire.PathEcho, guard.Own(http.HandlerFunc(g.serveEcho)))
	mux.Handle("GET "+wire.PathWeb, guard.Own(http.HandlerFunc(g.serveWeb)))
	mux.Handle("PUT "+wire.PathReplicas, guard.Own(scaleWeb(g)))
	mux.Handle("GET "+wire.PathZones, guard.Own(http.HandlerFunc(g.serveZones)))
	mux.Handle("POST "+wire.PathZones+"/{process}", guard.Own(http.HandlerFunc(g.beginZone)))
	mux.Handle("POST "+wire.PathWrite+"{dataset}", guard.Own(http.HandlerFunc(g.serveWrite)))
	mux.Handle("GET "+wire.PathRead+"{dataset}/{id}", guard.Own(http.HandlerFunc(g.serveRead)))
	mux.Handle(wire.PathStore, guard.Own(http.HandlerFunc(g.serveStore)))
	mux.Handle(wire.PathPeers+"{region}/{rest...}", guard.Fleet(http.HandlerFunc(g.servePeer)))
	switch {
	case g.objects != nil:
		objects.Serve(mux, guard.Own, g.objects)
	case g.rules != nil:
		objects.ServeRules(mux, guard.Own, g.rules)
	}
	mux.HandleFunc("/", guard.Unknown)
	return mux
}

func (g *gateway) serveEcho(w http.ResponseWriter, r *http.Request) {
	if err := wire.AnswerEcho(w, r, g.region); err != nil {
		answer.Error(w, g.region, err)
	}
}

func (g *gateway) serveStatus(w http.ResponseWriter, r *http.Request) {
	st, err := g.store.Status(r.Context())
	if err != nil {
		answer.Error(w, g.region, answer.Unreachable(g.region, "the store of "+g.region, err))
		return
	}
	answer.JSON(w, g.region, g.regionStatus(st))
}

// regionStatus makes the region's status of the store's: with the run of both, and with
// a topology only if both hold the same, so that the controller sends it again
// whichever of them has restarted.
func (g *gateway) regionStatus(st wire.RegionStatus) wire.RegionStatus {
	if st.Run != g.run {
		st.Run = g.run + "." + st.Run
	}
	if g.itself != nil {
		st.Stood = stood(g.itself, g.clock())
	}
	st.Discovered = g.found.Status()
	held := g.routes.Load()
	if held == nil || held.Topology.Version != st.Topology {
		st.Topology = 0
	}
	return st
}

func (g *gateway) serveTopology(w http.ResponseWriter, r *http.Request) {
	var t wire.Topology
	if err := answer.Decode(w, r, &t); err != nil {
		answer.Error(w, g.region, err)
		return
	}
	st, err := g.putTopology(r.Context(), t)
	answer.Result(w, g.region, st, err)
}

// putTopology holds the topology and hands it to the store.
func (g *gateway) putTopology(ctx context.Context, t wire.Topology) (wire.RegionStatus, error) {
	if t.Region != g.region {
		return wire.RegionStatus{}, fmt.Errorf("topology is for region %.70q, this is %s: %w", t.Region, g.region, wire.ErrWrongRegion)
	}
	if t.Version == 0 {
		return wire.RegionStatus{}, fmt.Errorf("topology has version 0, which stands for none: %w", wire.ErrBad)
	}
	g.applying.Lock()
	defer g.applying.Unlock()
	old := g.routes.Load()
	next, err := g.maker.Routes(t, old)
	if err != nil {
		return wire.RegionStatus{}, err
	}
	g.routes.Store(next)
	old.Leave(next)
	g.found.Told(t)
	st, err := g.store.PutTopology(ctx, t)
	if err != nil {
		return wire.RegionStatus{}, err
	}
	g.logger.Info("topology", "version", t.Version, "peers", len(t.Peers), "datasets", len(t.Datasets))
	return g.regionStatus(st), nil
}

func (g *gateway) serveWrite(w http.ResponseWriter, r *http.Request) {
	var in store.Write
	if err := answer.Decode(w, r, &in); err != nil {
		answer.Error(w, g.region, err)
		return
	}
	ctx, cancel, err := answer.Awaited(r, 0)
	if err != nil {
		answer.Error(w, g.region, err)
		return
	}
	defer cancel()
	written, err := g.Route(ctx, r.PathValue("dataset"), in)
	answer.Result(w, g.region, written, err)
}

// serveStore leads to the region's own replica, unless residency keeps the
// dataset out of the region: then there is none, and the answer says why.
func (g *gateway) serveStore(w http.ResponseWriter, r *http.Request) {
	if err := g.routes.Load().Admits(peers.DatasetOf(r.URL.Path), g.region); err != nil {
		answer.Error(w, g.region, err)
		return
	}
	if dataset, verb, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, wire.PathStore), "/"); verb == wire.StoreAppend {
		err := g.rules.Writes(dataset)
		if err == nil {
			err = objects.Accepts(g.region, g.maker.Token, g.rules.Secret(), r.Header.Get(wire.HeaderSecret))
		}
		if err != nil {
			answer.Error(w, g.region, err)
			return
		}
	}
	g.storeAPI.ServeHTTP(w, r)
}

// servePeer passes a request on to another region.
func (g *gateway) servePeer(w http.ResponseWriter, r *http.Request) {
	p, err := g.passedOn(r.PathValue("region"), "/"+r.PathValue("rest"))
	if err != nil {
		answer.Error(w, g.region, err)
		return
	}
	p.Proxy.ServeHTTP(w, r)
}

// passedOn is the peer that a request to a region is passed on to, by the path that it has there.
func (g *gateway) passedOn(region, path string) (*peers.Peer, error) {
	if strings.HasPrefix(path, wire.PathPeers) {
		return nil, fmt.Errorf("%.200s of region %.70q leads through more than one region: %w", path, region, wire.ErrBad)
	}
	if err := g.rules.Reaches(region); err != nil {
		return nil, err
	}
	routes, dataset := g.routes.Load(), peers.DatasetOf(path)
	if err := routes.Admits(dataset, g.region, region); err != nil {
		return nil, fmt.Errorf("%s to %s: %w", path, region, err)
	}
	p, ok := routes.Peer(dataset, region)
	if !ok {
		return nil, &wire.Error{Code: wire.CodeUpstream, Region: g.region, Message: fmt.Sprintf("region %s knows of no peer %.70q now", g.region, region)}
	}
	return p, nil
}

// serveWeb asks every web replica for its health.
func (g *gateway) serveWeb(w http.ResponseWriter, r *http.Request) {
	replicas, err := g.web.Health(r.Context())
	answer.Result(w, g.region, replicas, err)
}

// scaleWeb has so many web replicas of a gateway's region run as the request says.
func scaleWeb(g *gateway) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var to wire.Scale
		if err := answer.Decode(w, r, &to); err != nil {
			answer.Error(w, g.region, err)
			return
		}
		if g.objects != nil { // as kubectl scale does: past the repository
			_, err := g.objects.Edit(wire.ConfigEdit{Manager: "kubectl-scale", Objects: []config.Object{config.Scaled(to.Replicas)}})
			if err != nil {
				answer.Error(w, g.region, err)
				return
			}
			g.serveWeb(w, r)
			return
		}
		// Once begun it is brought up, whoever goes on waiting for it.
		replicas, err := g.web.Scale(context.WithoutCancel(r.Context()), to.Replicas)
		if err == nil {
			g.logger.Info("web tier scaled", "replicas", to.Replicas)
		}
		answer.Result(w, g.region, replicas, err)
	})
}

// setWeb closes the region's web tier, or has it serve again.
func (g *gateway) setWeb(w http.ResponseWriter, r *http.Request) {
	var in wire.WebRequest
	if err := answer.Decode(w, r, &in); err != nil {
		answer.Error(w, g.region, err)
		return
	}
	g.web.Close(!in.Serve)
	g.serveWeb(w, r)
}

// newRemoteStore is the store in another pod or process.
func newRemoteStore(c Config, base string, transport http.RoundTripper) (storeTier, http.Handler, error) {
	target, err := url.Parse(base)
	if err != nil {
		return nil, nil, fmt.Errorf("store URL %q: %w", base, err)
	}
	client := wire.NewClient(wire.ClientConfig{
		Base: strings.TrimSuffix(base, "/"), Region: c.Region, Token: c.Token,
		HTTP: &http.Client{Transport: transport},
	})
	proxy := answer.NewProxy(c.Region, "the store of "+c.Region, transport, c.Logger, func(pr *httputil.ProxyRequest) { pr.SetURL(target) }, nil)
	return client, proxy, nil
}
