package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	control "github.com/fleetdrill/fleetdrill/drill/controller/runner"
	"github.com/fleetdrill/fleetdrill/drill/engine/unserved"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// data is the failover controllers, by dataset, and the watch over all regions that they
// share. Actions reach the controllers through it.
type data struct {
	spec        topology.Fleet
	clock       bus.Clock
	controllers map[string]*control.Controller
	watch       *control.Watch
	unserved    *unserved.Regions
}

// connectData makes a failover controller for each dataset.
func (e *Engine) connectData(p *parts, clients map[string]*wire.Client) {
	d := &data{spec: p.spec, clock: p.clock, controllers: map[string]*control.Controller{}}
	d.unserved = unserved.New(p.spec.Routing.Probe.DownAfter, func(b drill.Body) { d.judged(e.bus.Emit(b)) })
	agents, jurisdictions := map[string]control.Agent{}, map[string]string{}
	direct := p.clients
	for _, r := range p.spec.Regions {
		agents[r.Name], jurisdictions[r.Name] = clients[r.Name], r.Jurisdiction
	}
	d.watch = control.NewWatch(control.WatchConfig{
		Agents: agents, Clock: p.clock, Peers: p.network.PeerURLs, Jurisdictions: jurisdictions, RTT: p.spec.RTTs,
		Discovery: p.discovery, Discovered: p.found.Heard,
		// A joined fleet holds the topology of an engine that is gone.
		First: uint64(e.bus.Started().UnixMilli()),
		Stood: e.stands.heard,
		Heard: func(region string, s store.Status) {
			if c := d.controllers[s.Dataset]; c != nil {
				c.Heard(region, s)
			}
		},
	})
	for _, dataset := range p.spec.Datasets {
		d.controllers[dataset.Name] = control.New(control.Config{
			Fleet: p.spec, Dataset: dataset, StepLimit: stepLimit(dataset), Exports: e.cfg.Exports,
			Clock: p.clock, Bus: e.bus, IDs: e.ids, Ledger: p.ledger, Topology: d.watch,
			Client: func(region string) control.Client { return asks{clients[region], direct[region]} }, Log: e.log,
		})
		// Agents open their stores when they hear of the dataset; nobody leads yet.
		d.watch.Place(dataset, "", 0)
	}
	p.data = d
	p.first = []func(context.Context){d.watch.Run, p.router.Run}
	for _, c := range d.controllers {
		p.first = append(p.first, c.Run)
	}
}

// asks is a controller's client: its own questions go as the fleet has it, and what only measures goes directly.
type asks struct {
	*wire.Client
	direct *wire.Client
}

// Audit reads a replica's contents for the ledger.
func (a asks) Audit(ctx context.Context, dataset string, after uint64, visit func(store.Entry) error) error {
	return a.direct.Audit(ctx, dataset, after, visit)
}

// stepLimit bounds one step of a move, by the dataset's engine.
func stepLimit(d topology.Dataset) time.Duration {
	engine, _ := store.EngineOf(d.Engine)
	return engine.Step
}

// Command hands a command to the controller of its dataset and waits for the answer.
func (d *data) Command(ctx context.Context, c runbook.Command) (string, error) {
	out := d.controllers[c.Dataset].Command(ctx, c)
	switch {
	case out.Err == nil:
		return out.Proof, nil
	case out.Refused:
		return "", &rule.Refusal{Why: out.Err.Error(), Next: out.Next}
	}
	return "", &port.Failure{Err: out.Err, Next: out.Next}
}

// leader is the authority of a dataset and its epoch; "" while there is none.
func (d *data) leader(dataset string) (region string, epoch uint64) {
	if c := d.controllers[dataset]; c != nil {
		return c.Leader()
	}
	return "", 0
}

// Gathered reports whether every replica outside the regions that are away hears from its
// authority.
func (d *data) Gathered(away map[string]bool) bool {
	for _, c := range d.controllers {
		m := c.Memory()
		if !m.Gathered(d.clock.Now(), away) {
			return false
		}
	}
	return true
}

// missing says of every replica that has not all of its data yet what it is at, and how many
// bytes those hold and have copied.
func (d *data) missing() (what []string, bytes int64) {
	for _, c := range d.controllers {
		m := c.Memory()
		one, n := m.Missing(d.clock.Now())
		what, bytes = append(what, one...), bytes+n
	}
	slices.Sort(what)
	return what, bytes
}

// judged hands what the router's probes say of a region to every controller, and whether its gateway answered them for itself.
func (d *data) judged(ev drill.Event) {
	o := exchange.Judged{At: ev.T}
	after, why := 0, ""
	switch b := ev.Body.(type) {
	case drill.RegionJudged:
		if b.Up {
			d.unserved.Served(b.Region)
		}
		o.Region, o.Up, o.Gateway = b.Region, b.Up, d.unserved.Holds(b.Region)
		after, why = b.After, b.Why
	case drill.RegionUnserved:
		o.Region, o.Gateway = b.Region, b.On
		after, why = b.After, b.Why
	default:
		return
	}
	o.Why = fmt.Sprintf("%d probes failed: %s", after, why)
	o.Failing = failing(o.Up, after, ev.T, d.spec.Routing.Probe.Every)
	for _, c := range d.controllers {
		c.Judged(o)
	}
}

// onItsWay is how long an answer that was sent before a region fell silent may take to be taken in.
const onItsWay = 100 * time.Millisecond

// failing is since when the probes of a region have failed for certain, by how many did, when the router said so, and the interval
// between probes; 0 where one probe alone says so.
func failing(up bool, after int, at, every time.Duration) time.Duration {
	if up || after < 2 {
		return 0
	}
	return at - time.Duration(after-1)*every + onItsWay
}

// acknowledged takes every acknowledged write.
func (d *data) acknowledged(dataset, authority string, epoch uint64, at time.Duration) {
	if c := d.controllers[dataset]; c != nil {
		c.Acked(authority, epoch, at)
	}
}

// samples is every replica as it was last heard.
func (d *data) samples(prior map[string]telemetry.Replica, since time.Duration) drill.StoresSampled {
	return d.watch.Samples(d.spec, func(dataset string) string {
		lead, _ := d.controllers[dataset].Leader()
		return lead
	}, prior, since)
}

// flushLimit bounds how long a controller may take to report what it reports at intervals.
const flushLimit = 2 * time.Second

// finish has every controller report what it reports at intervals: the drill is about to be
// judged.
func (d *data) finish(ctx context.Context) {
	for _, c := range d.controllers {
		brief, cancel := context.WithTimeout(ctx, flushLimit)
		c.Flush(brief)
		cancel()
	}
}

// audit holds the ledger of every dataset against its authority, at the end.
func (d *data) audit(ctx context.Context) {
	for _, c := range d.controllers {
		c.Audit(ctx, exchange.Occasion{Why: drill.CheckedAtEnd})
	}
}
