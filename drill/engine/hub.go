package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/network"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/router"
)

// hub is the way by which controller and router ask regions where the fleet has a hub: the gateway of an agent there, which
// passes questions on over the controller's links. The hub is asked beside them whether it answers at all, so that its
// silence is not taken for a region's. A nil one is none: regions are asked directly.
type hub struct {
	name   string
	asked  *wire.Client // the hub itself
	clock  bus.Clock
	routes wire.Topology // what it must know: by which address it reaches each region
	router *router.Router

	mu    sync.Mutex
	heard time.Duration // when the newest question that it answered was sent
	told  time.Duration // when it was last told its routes
}

// newHub is nil where the fleet has none. It is judged as regions are, and tells report.
func newHub(e *Engine, links *network.Network, report func(drill.Body)) *hub {
	spec := e.cfg.Spec
	if spec.Hub == nil {
		return nil
	}
	h := &hub{
		name: spec.Hub.Name, asked: controlClient(links.ControlURL(spec.Hub.Name), spec.Hub.Name, e.platform.Token()), clock: e.clock,
		routes: wire.Topology{Version: uint64(e.bus.Started().UnixMilli()), Region: spec.Hub.Name, Peers: network.HubURLs(links), RTT: spec.Hub.RTT},
		heard:  -1,
	}
	h.router = router.New(router.Config{
		Fleet: topology.Fleet{Regions: []topology.Region{{Name: h.name}}, Routing: spec.Routing},
		Now:   e.bus.Now, Instrument: e.stands.watch, Report: report,
		Probe: func(ctx context.Context, _ string) error { return h.ask(ctx) },
	})
	return h
}

// run asks the hub until ctx ends.
func (h *hub) run(ctx context.Context) { h.router.Run(ctx) }

// ask asks the hub itself, and tells it its routes where it lacks them: it has just started.
func (h *hub) ask(ctx context.Context) error {
	sent := h.clock.Now()
	st, err := h.asked.Status(ctx)
	if err != nil {
		return err
	}
	if st.Topology != h.routes.Version {
		if _, err := h.asked.PutTopology(ctx, h.routes); err != nil {
			return fmt.Errorf("tell it its routes: %w", err)
		}
		h.knows()
	}
	h.hear(sent)
	return nil
}

// hear notes that a question was answered, by the hub or by way of it.
func (h *hub) hear(sent time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = max(h.heard, sent)
}

// knows notes that it has its routes from now on.
func (h *hub) knows() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = h.clock.Now()
}

// blind reports whether the hub answered nothing that it was asked since a moment, or had no routes then: what failed says
// nothing of its region.
func (h *hub) blind(since, _ time.Duration) bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.heard < since || since < h.told
}

// carries makes the hub's client for a region: the same questions, by way of its gateway.
func (h *hub) carries(base, region, token string) *wire.Client {
	const kept = 8 // connections: what a controller asks a region at once
	return wire.NewClient(wire.ClientConfig{
		Base: base + wire.PathPeers + url.PathEscape(region), Region: region, Via: h.name, Token: token,
		HTTP: &http.Client{Transport: carried{h, wire.NewShort(kept)}},
	})
}

// carried marks what failed because the hub did.
type carried struct {
	hub *hub
	by  http.RoundTripper
}

// RoundTrip sends a question by way of the hub. An answer of any sort is one of the hub too.
func (c carried) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := c.hub.clock.Now()
	res, err := c.by.RoundTrip(r)
	switch {
	case err == nil:
		c.hub.hear(sent)
	case !errors.Is(err, context.Canceled) && c.hub.blind(sent, 0):
		err = fmt.Errorf("%w: %w", exchange.ErrUncarried, err)
	}
	return res, err
}

// controls makes the clients by which controller and router ask each region: by way of the hub, where there is one.
func (h *hub) controls(spec topology.Fleet, links *network.Network, token string) map[string]*wire.Client {
	clients := map[string]*wire.Client{}
	for _, r := range spec.Regions {
		if h != nil {
			clients[r.Name] = h.carries(links.ControlURL(h.name), r.Name, token)
			continue
		}
		clients[r.Name] = controlClient(links.ControlURL(r.Name), r.Name, token)
	}
	return clients
}
