package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/web"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/agent/zone"
)

// startZoned makes a region whose web replicas and store are processes of its zones: what is here is the gateway. It
// returns once all of them answer.
func (a *Agent) startZoned(listener net.Listener) error {
	gatewayURL := "http://" + a.Addr()
	specs := zone.Share(a.cfg.Zones, a.cfg.StoreZone, a.cfg.Replicas)
	zones, err := zone.Start(a.leaving, zone.Config{
		Region: a.cfg.Region, Specs: specs, Logger: a.cfg.Logger,
		Command: func(s zone.Spec) *exec.Cmd { return a.cfg.Process(s, gatewayURL) },
	})
	defer func() { a.stops = append(a.stops, zones.Close) }() // after the requests that they serve
	if err != nil {
		return err
	}
	transport := zones.Transport()
	a.closes = append(a.closes, transport.CloseIdleConnections)
	var store string
	var webs []string
	for _, s := range specs {
		if s.Store {
			store = "http://" + s.Name
		}
		for _, name := range s.Replicas {
			webs = append(webs, "http://"+s.Name+"/"+name)
		}
	}
	client, api, err := newRemoteStore(a.cfg, store, transport)
	if err != nil {
		return err
	}
	g := a.gateway(client, api)
	servers, err := a.remote(webs, zones.Takes, transport)
	if err != nil {
		return err
	}
	g.web, g.zones = web.NewTier(a.cfg.Region, servers), zones
	a.serveFront(listener, g.handler(a.cfg, a.started))
	return nil
}

// zoneOnly serves as each of some web replicas, below its name, and says for all of them that the process lives.
func (a *Agent) zoneOnly() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.PathLive, answer.Live(a.cfg.Region, "zone", a.cfg.Build, a.started))
	gateway := wire.NewClient(wire.ClientConfig{
		Base: strings.TrimSuffix(a.cfg.Gateway, "/"), Region: a.cfg.Region, Token: a.inside(),
		HTTP: &http.Client{Transport: a.ownTransport()},
	})
	for _, name := range a.cfg.Names {
		mux.Handle("/"+name+"/", http.StripPrefix("/"+name, a.webReplica(name, gateway)))
	}
	mux.HandleFunc("/", answer.NewGuard(a.cfg.Region, a.cfg.Token).Unknown)
	return mux
}

// errNoZones is a region without zones, or whose zones are not its agent's to run.
var errNoZones = fmt.Errorf("this agent runs no zones: %w", wire.ErrNotFound)

func (g *gateway) serveZones(w http.ResponseWriter, _ *http.Request) {
	if g.zones == nil {
		answer.Error(w, g.region, errNoZones)
		return
	}
	answer.JSON(w, g.region, g.zones.Status())
}

// beginZone starts a process of a zone that has ended.
func (g *gateway) beginZone(w http.ResponseWriter, r *http.Request) {
	if g.zones == nil {
		answer.Error(w, g.region, errNoZones)
		return
	}
	// Once begun it is brought up, whoever goes on waiting for it.
	err := g.zones.Begin(context.WithoutCancel(r.Context()), r.PathValue("process"))
	if errors.Is(err, zone.ErrUnknown) {
		err = fmt.Errorf("%w: %w", err, wire.ErrNotFound)
	}
	answer.Result(w, g.region, g.zones.Status(), err)
}
