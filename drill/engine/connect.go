package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/config/governor"
	"github.com/fleetdrill/fleetdrill/drill/discovery"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/hub"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
	"github.com/fleetdrill/fleetdrill/drill/network"
	"github.com/fleetdrill/fleetdrill/drill/network/names"
	"github.com/fleetdrill/fleetdrill/drill/signer"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/tracer"
	"github.com/fleetdrill/fleetdrill/drill/traffic"
	"github.com/fleetdrill/fleetdrill/drill/traffic/router"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
	"github.com/fleetdrill/fleetdrill/drill/visitor"
)

// parts is what stands between a fleet that is up and its users.
type parts struct {
	spec     topology.Fleet
	clock    bus.Clock
	network  *network.Network
	router   *router.Router
	hub      *hub.Hub        // nil where the fleet has none
	names    *zone.Server    // nil where no population comes in by a name
	visitors *visitor.Server // nil where no port was to be had
	// regionNames is nil where no region finds authorities by a name.
	regionNames *names.Server
	found       *discovery.Found
	imports     bool               // clusters have objects for what others export
	governor    *governor.Governor // nil where no repository governs the fleet
	users       *traffic.Users
	ledger      *ledger.Ledger
	clients     map[string]*wire.Client // of each region, directly: for what measures
	signer      *signer.Signer          // nil where the fleet has no identities
	data        *data
	recovery    *recovery
	dispatch    *dispatcher
	sampler     *sampler
	tracer      *tracer.Tracer
	runner      *runner
	first       []func(context.Context) // what runs before users do
}

// connect makes the parts and ties them together; nothing runs yet.
func (e *Engine) connect(opening *governor.Opening) (_ *parts, err error) {
	spec := e.cfg.Spec
	p := &parts{spec: spec, clock: e.clock, ledger: ledger.New(), found: discovery.NewFound(spec, e.bus.Emit)}
	host := e.platform.Relays()
	p.network, err = network.New(network.Config{
		Fleet: spec, Listen: host.Listen, Advertise: host.Advertise, Address: e.platform.Address,
		Seed: e.cfg.Seed, Log: e.log, Now: e.bus.Now, Probe: probe, Line: lines(e.platform.Token()), Refused: e.stands.watch.Refused,
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if p.signer, err = e.signer(); err != nil {
		return nil, err
	}
	clients := e.controls(p, p.network)
	asked := p.join(p.network, e.platform.Token())
	if p.governor, err = e.govern(p, opening); err != nil {
		return nil, err
	}
	p.router = e.routes(p, asked)
	if err := e.openEntry(p); err != nil {
		return nil, err
	}
	e.connectData(p, clients)
	if m := e.importing(p); m != nil {
		p.imports = true
		p.first = append(p.first, func(ctx context.Context) { m.Run(ctx, p.clock) })
	}
	if err := e.openNames(p); err != nil {
		return nil, err
	}
	p.users = traffic.NewUsers(traffic.UsersConfig{
		Fleet: p.spec, Seed: e.cfg.Seed, Now: e.bus.Now, Ledger: p.ledger, History: e.history,
		Route: p.router.Route, Draining: p.router.Draining, Lookup: p.asking(zone.AskForUsers), VisitorRoute: p.router.RouteOther, VisitorLookup: p.asking(zone.Ask),
		Target: p.network.UserURL, Token: e.platform.Token(),
		OnAck: p.data.acknowledged, Instrument: e.stands.watch, InFlight: e.inFlight,
	})
	e.invite(p)
	e.direct(p)
	return p, nil
}

// close ends what was opened. None of the users asks any more.
func (p *parts) close() {
	p.closeEntry()
	p.closeNames()
	p.network.Close()
}

// routes is the router, which asks each region's health by a client of its own.
func (e *Engine) routes(p *parts, asked map[string]*wire.Client) *router.Router {
	return router.New(router.Config{
		Fleet: p.spec, Seed: e.cfg.Seed,
		Now: e.bus.Now, Instrument: e.stands.watch, Blind: p.hub.Blind,
		Probe: func(ctx context.Context, region string) error {
			_, err := asked[region].Health(ctx)
			return err
		},
		Outcome: func(region string, failed error) { p.data.unserved.Outcome(region, failed) },
		Report:  func(b drill.Body) { p.data.judged(e.bus.Emit(b)) },
	})
}

// direct makes what carries commands out, what measures, and what runs the plan.
func (e *Engine) direct(p *parts) {
	p.recovery = newRecovery(p.spec.Users, e.cfg.Plan)
	p.recovery.stands = e.stands
	p.recovery.emit, p.recovery.view, p.recovery.recovered = e.bus.Emit, e.bus.View, p.users.CloseImpact
	p.dispatch = &dispatcher{bus: e.bus, ids: e.ids, spec: p.spec, rig: action.Rig{
		Events: e.bus, Platform: platformPort{e.platform, p.governor}, Network: p.network, Router: p.router, Users: p.users,
		Data: p.data, Trust: p.signer, Writer: writer{p.users}, Sleep: e.clock.Sleep, FaultID: e.ids.Fault,
	}}
	if p.governor != nil {
		p.first = append(p.first, p.governor.Run)
		p.dispatch.rig.Config = governor.Port{Governor: p.governor}
	}
	p.sampler = &sampler{bus: e.bus, clock: e.clock, stores: p.data.samples, links: p.network.Sample, found: p.found.Sample, traffic: p.users.Sample, visitors: p.visited, sampled: func(now time.Duration, t drill.TrafficSampled) drill.TrafficSampled {
		return p.users.Recount(t, p.recovery.sampled(now, t))
	}}
	p.tracer = tracer.New(tracer.Config{
		Fleet: p.spec, Clock: e.clock, Bus: e.bus, Leader: p.data.leader,
		Replica: func(region string) tracer.Replica { return p.clients[region] },
	})
	p.runner = &runner{bus: e.bus, clock: e.clock, limits: limits(e.platform), dispatch: p.dispatch, recovery: p.recovery, users: p.users, stands: e.stands, finish: p.data.finish, audit: p.audit, missing: p.data.missing}
}

// audit holds every ledger against its authority, and looks once more for people's own writes, so
// that both are of the same end.
func (p *parts) audit(ctx context.Context) {
	p.data.audit(ctx)
	p.tracer.Look(ctx)
}

// writer is the users as an action has them write.
type writer struct{ users *traffic.Users }

// Write sends a write as one of a population's users.
func (w writer) Write(ctx context.Context, population, dataset string, payload []byte, sent func(id, region string)) (port.Written, error) {
	out, err := w.users.Write(ctx, population, dataset, payload, sent)
	return port.Written(out), err
}

// controls makes the clients by which controller and router ask each region: by way of the hub where the fleet has one.
func (e *Engine) controls(p *parts, links *network.Network) map[string]*wire.Client {
	clients := map[string]*wire.Client{}
	for _, r := range p.spec.Regions {
		clients[r.Name] = controlClient(links.ControlURL(r.Name), r.Name, e.platform.Token(), p.signer.Secure(r.Name))
	}
	p.clients = maps.Clone(clients) // for what measures
	if p.spec.Hub == nil {
		return clients
	}
	p.hub = hub.New(hub.Config{
		Fleet: p.spec, URL: links.ControlURL(p.spec.Hub.Name), Regions: network.HubURLs(links), Token: e.platform.Token(), Secure: p.signer.Secure(p.spec.Hub.Name),
		Version: uint64(e.bus.Started().UnixMilli()), Clock: e.clock, Instrument: e.stands.watch, Report: func(b drill.Body) { e.bus.Emit(b) },
	})
	for region := range clients {
		clients[region] = p.hub.Client(region)
	}
	return clients
}

// controlClient is the controller's client for a region, by the control link. Timeouts
// are the caller's.
func controlClient(url, region, token string, secure wire.Secure) *wire.Client {
	const kept = 8 // connections: what a controller asks a region at once
	return wire.NewClient(wire.ClientConfig{Base: url, Region: region, Token: token, HTTP: &http.Client{Transport: wire.NewShortOver(secure, kept)}})
}

// probe asks a region's health on a connection of its own. silent says that nothing came
// back at all.
func probe(ctx context.Context, url, region string) (silent bool, err error) {
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	_, err = wire.NewClient(wire.ClientConfig{Base: url, Region: region, HTTP: &http.Client{Transport: transport}}).Health(ctx)
	return silence(err), err
}

// lines makes connections that carry one question after the other, for measuring links.
func lines(token string) func(url, region string) (func(ctx context.Context, send, take int) (bool, error), func()) {
	return func(url, region string) (func(ctx context.Context, send, take int) (bool, error), func()) {
		var dialer net.Dialer
		var dialed atomic.Bool
		transport := &http.Transport{DisableCompression: true, MaxConnsPerHost: 1, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if dialed.Swap(true) {
				return nil, errors.New("the connection is gone")
			}
			return dialer.DialContext(ctx, network, address)
		}}
		client := wire.NewClient(wire.ClientConfig{Base: url, Region: region, Token: token, HTTP: &http.Client{Transport: transport}})
		return func(ctx context.Context, send, take int) (bool, error) {
			err := wire.Echo(ctx, client, send, take)
			return silence(err), err
		}, transport.CloseIdleConnections
	}
}

// silence reports whether an error says that nothing came back at all.
func silence(err error) bool {
	var answered *wire.Error
	return errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &answered)
}

// servingLimit bounds the time from a fleet that is up to one that has taken
// its first topology and leases.
const servingLimit = 30 * time.Second

// awaitServing waits until the router has a region for every population and
// every dataset has an authority.
func (p *parts) awaitServing(ctx context.Context) error {
	within := servingLimit
	for _, d := range p.spec.Datasets {
		within = max(within, servingLimit+2*stepLimit(d)+store.PreloadLimit(d))
	}
	limit, stop := p.clock.After(within)
	defer stop()
	for _, c := range p.data.controllers {
		select {
		case <-c.Assumed():
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return fmt.Errorf("no region leads %s within %s: not every region's store answers", c.Dataset().Name, format.Span(within))
		}
	}
	tick, stopTick := p.clock.Ticker(10 * time.Millisecond)
	defer stopTick()
	for {
		missing := p.missing()
		if missing == "" {
			return nil
		}
		select {
		case <-tick:
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return errors.New("not serving within " + format.Span(within) + ": " + missing)
		}
	}
}

// missing is what does not serve yet; "" when all does.
func (p *parts) missing() string {
	for _, u := range p.spec.Users {
		if len(p.router.Answer(u.Name).Shares) == 0 {
			return u.Name
		}
	}
	for _, r := range p.spec.Regions {
		if !p.data.watch.Has(r.Name) {
			return r.Name + " (it does not hold the topology)"
		}
	}
	if region := p.found.Missing(); region != "" {
		return region + " (it has no endpoint of every dataset)"
	}
	return ""
}
