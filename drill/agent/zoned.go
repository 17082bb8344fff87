package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/web"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/agent/zone"
)

// startZoned makes a region whose web replicas and store are processes of its zones: what is here is the gateway. It
// returns once all of them answer.
func (a *Agent) startZoned(listener net.Listener) error {
	store := zone.Store(a.cfg.StoreZone)
	specs := []zone.Spec{store}
	if !a.cfg.Governed {
		for n := range a.cfg.Replicas {
			specs = append(specs, replicaSpec(a.cfg, n))
		}
	}
	zones, err := a.processes(specs, "http://"+a.Addr())
	defer func() { a.stops = append(a.stops, zones.Close) }() // after the requests that they serve
	if err != nil {
		return err
	}
	transport := zones.Transport()
	a.closes = append(a.closes, transport.CloseIdleConnections)
	client, api, err := newRemoteStore(a.cfg, "http://"+store.Name, transport)
	if err != nil {
		return err
	}
	g := a.gateway(client, api)
	g.zones = zones
	if err := startWeb(a, g, zones); err != nil {
		return err
	}
	a.serveFront(listener, g.handler(a.cfg, a.started))
	return nil
}

// processes starts processes of the region beside this one, which reach the gateway by that URL.
func (a *Agent) processes(specs []zone.Spec, gateway string) (*zone.Zones, error) {
	c := zone.Config{Region: a.cfg.Region, Specs: specs, Logger: a.cfg.Logger}
	if a.cfg.Process != nil {
		c.Command = func(s zone.Spec) *exec.Cmd { return a.cfg.Process(s, gateway) }
	}
	return zone.Start(a.leaving, c)
}

// replicaSpec is the process of a web replica by its number from 0, where the flags say what it takes.
func replicaSpec(c Config, n int) zone.Spec {
	spec := zone.Replica(c.Zones, n)
	spec.Capacity = c.Capacity
	return spec
}

// replicasOf is the region's web replicas that are processes.
func (a *Agent) replicasOf(zones *zone.Zones) func(zone.Spec) web.Running {
	transport := zones.Transport()
	a.closes = append(a.closes, transport.CloseIdleConnections)
	return func(spec zone.Spec) web.Running {
		at := &url.URL{Scheme: "http", Host: spec.Name}
		proxy := answer.NewProxy(a.cfg.Region, spec.Name, transport, a.cfg.Logger, func(pr *httputil.ProxyRequest) { pr.SetURL(at) }, nil)
		return replicaProcess{
			Handler: answer.Timed(a.cfg.Region, proxy), spec: spec, zones: zones,
			client: wire.NewClient(wire.ClientConfig{Base: at.String(), Region: a.cfg.Region, HTTP: &http.Client{Transport: transport}}),
		}
	}
}

// replicaProcess is a web replica that is a process of its own.
type replicaProcess struct {
	http.Handler // leads there
	spec         zone.Spec
	zones        *zone.Zones
	client       *wire.Client
}

// Takes implements web.Running: by the gateway's health checks.
func (p replicaProcess) Takes() bool { return p.zones.Takes(p.spec.Name) }

// Health implements web.Running.
func (p replicaProcess) Health(ctx context.Context) (wire.Health, error) { return p.client.Health(ctx) }

// Begin implements web.Running.
func (p replicaProcess) Begin(ctx context.Context) error { return p.zones.Run(ctx, p.spec) }

// End implements web.Running.
func (p replicaProcess) End(ctx context.Context) error { return p.zones.End(ctx, p.spec.Name) }

// errNoZones is an agent that starts no processes: a cluster does.
var errNoZones = fmt.Errorf("this agent starts no processes: %w", wire.ErrNotFound)

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
