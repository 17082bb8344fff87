// Package hub is the way by which the failover controller and the global router ask the regions of a fleet that has a hub:
// the gateway of an agent there, which passes their questions on over the controller's links.
package hub

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
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
	"github.com/fleetdrill/fleetdrill/drill/traffic/router"
)

// Config is what the way by a hub is made of.
type Config struct {
	Fleet topology.Fleet // it has a hub
	// URL is the base URL by which this process reaches the hub, Regions those by which the hub reaches each region.
	URL     string
	Regions map[string]string
	Token   string
	// Secure makes connections to the hub; nil leaves them as they are.
	Secure wire.Secure
	// Version numbers the routes that the hub is told; it differs from process to process.
	Version uint64
	Clock   Clock
	// Instrument knows what this program could not do.
	Instrument failure.Instrument
	// Report takes drill.RegionJudged of the hub, which is judged as regions are.
	Report func(drill.Body)
}

// Clock is the engine's clock.
type Clock interface{ Now() time.Duration }

// Hub is that way. The hub is asked beside the questions that it carries whether it answers at all, so that its silence is
// not taken for a region's. A nil one is none. Its methods may be called from several goroutines.
type Hub struct {
	cfg    Config
	asked  *wire.Client  // the hub itself
	routes wire.Topology // what it must know: by which address it reaches each region
	router *router.Router

	mu     sync.Mutex
	heard  time.Duration // when the newest question that it answered was sent
	told   time.Duration // when it was last told its routes
	silent bool          // it did not answer when it was last asked itself, so it may have none
}

// kept is how many connections are kept: what a controller asks a region at once.
const kept = 8

// New makes the way; nobody is asked yet.
func New(cfg Config) *Hub {
	name := cfg.Fleet.Hub.Name
	h := &Hub{
		cfg: cfg, heard: -1, silent: true,
		asked:  wire.NewClient(wire.ClientConfig{Base: cfg.URL, Region: name, Token: cfg.Token, HTTP: &http.Client{Transport: wire.NewShortOver(cfg.Secure, kept)}}),
		routes: wire.Topology{Version: cfg.Version, Region: name, Peers: cfg.Regions, RTT: cfg.Fleet.Hub.RTT},
	}
	// Probed as regions are, without what a region that returns has to wait for before users are sent to it.
	p := cfg.Fleet.Routing.Probe
	probe := topology.Probe{Every: p.Every, Timeout: p.Timeout, DownAfter: p.DownAfter, UpAfter: p.UpAfter}
	h.router = router.New(router.Config{
		Fleet: topology.Fleet{Regions: []topology.Region{{Name: name}}, Routing: topology.Routing{Probe: probe}},
		Now:   cfg.Clock.Now, Instrument: cfg.Instrument, Report: cfg.Report,
		Probe: func(ctx context.Context, _ string) error { return h.ask(ctx) },
	})
	return h
}

// Run asks the hub until ctx ends.
func (h *Hub) Run(ctx context.Context) { h.router.Run(ctx) }

// ask asks the hub itself, and tells it its routes where it lacks them: it has just started.
func (h *Hub) ask(ctx context.Context) error {
	sent := h.cfg.Clock.Now()
	st, err := h.asked.Status(ctx)
	if err != nil {
		h.falls()
		return err
	}
	if st.Topology != h.routes.Version {
		if _, err := h.asked.PutTopology(ctx, h.routes); err != nil {
			return fmt.Errorf("tell it its routes: %w", err)
		}
		h.knows()
	}
	h.answers(sent)
	return nil
}

// falls notes that the hub itself did not answer.
func (h *Hub) falls() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.silent = true
}

// answers notes that the hub itself answered what was sent then, and has its routes.
func (h *Hub) answers(sent time.Duration) {
	h.hear(sent)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.silent = false
}

// hear notes that a question was answered, by the hub or by way of it.
func (h *Hub) hear(sent time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = max(h.heard, sent)
}

// knows notes that it has its routes from now on.
func (h *Hub) knows() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = h.cfg.Clock.Now()
}

// Blind reports whether the hub answered nothing that it was asked since a moment, or had no routes then or may have none
// now: what failed says nothing of its region. One that has just started answers for each region that it knows of none.
func (h *Hub) Blind(since, _ time.Duration) bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.silent || h.heard < since || since < h.told
}

// Client asks a region by way of the hub: the same questions as directly.
func (h *Hub) Client(region string) *wire.Client {
	return wire.NewClient(wire.ClientConfig{
		Base: h.cfg.URL + wire.PathPeers + url.PathEscape(region), Region: region, Via: h.cfg.Fleet.Hub.Name, Token: h.cfg.Token,
		HTTP: &http.Client{Transport: carried{h, wire.NewShortOver(h.cfg.Secure, kept)}},
	})
}

// carried marks what failed because the hub did.
type carried struct {
	hub *Hub
	by  http.RoundTripper
}

// RoundTrip sends a question by way of the hub. An answer of any sort is one of the hub too.
func (c carried) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := c.hub.cfg.Clock.Now()
	res, err := c.by.RoundTrip(r)
	switch {
	case err == nil:
		c.hub.hear(sent)
	case !errors.Is(err, context.Canceled) && c.hub.Blind(sent, 0):
		err = fmt.Errorf("%w: %w", exchange.ErrUncarried, err)
	}
	return res, err
}
