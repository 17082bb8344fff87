package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/traffic"
)

// connect makes what stands between the fleet and its users: links, watch,
// router, populations, and a keeper for each dataset.
func (e *Engine) connect() error {
	net, err := newNetwork(e.cfg.Spec, e.fleet.Relays(), e.fleet.Address, e.cfg.Seed, e.log)
	if err != nil {
		return err
	}
	e.net = net
	e.orders = newOrders()
	e.mend = newRecovery(e.spine, e.cfg.Spec.Users, e.cfg.Plan)
	clients := map[string]*wire.Client{}
	for _, r := range e.cfg.Spec.Regions {
		clients[r.Name] = net.client(r.Name, e.fleet.Token())
	}
	jurisdictions := map[string]string{}
	for _, r := range e.cfg.Spec.Regions {
		jurisdictions[r.Name] = r.Jurisdiction
	}
	e.watch = newWatch(clients, e.now, net.peersOf, jurisdictions, uint64(e.started.UnixMilli()))
	e.router = traffic.NewRouter(traffic.RouterConfig{
		Fleet: e.cfg.Spec,
		Now:   e.now,
		Probe: func(ctx context.Context, region string) error {
			_, err := clients[region].Health(ctx)
			return err
		},
		Report: e.routerReport,
	})
	for _, d := range e.cfg.Spec.Datasets {
		e.keepers[d.Name] = newKeeper(e, d)
		// Agents open their stores when they are told of the dataset; nobody leads yet.
		e.watch.place(wire.Placement{Dataset: d})
	}
	e.users = traffic.NewUsers(traffic.UsersConfig{
		Fleet: e.cfg.Spec, Seed: e.cfg.Seed, Now: e.now, Ledger: e.ledger,
		Resolve: e.router.Route,
		Target:  net.target,
		OnAck: func(dataset, authority string, epoch uint64, at time.Duration) {
			if k := e.keepers[dataset]; k != nil {
				k.acked(authority, epoch, at)
			}
		},
	})
	e.mend.recovered = e.users.CloseImpact
	return nil
}

func (e *Engine) closeNetwork() {
	if e.net != nil {
		e.net.close()
	}
}

// routerReport takes the router's events; a region that is down may lead.
func (e *Engine) routerReport(b drill.Body) {
	ev := e.emit(b)
	if judged, ok := b.(drill.RegionJudged); ok && !judged.Up {
		for _, k := range e.keepers {
			select {
			case k.lost <- loss{region: judged.Region, at: ev.T, judged: true,
				why: fmt.Sprintf("%d probes failed: %s", judged.After, judged.Why)}:
			default: // it has more than enough of them waiting
			}
		}
	}
}

// servingLimit bounds the time from a fleet that is up to one that has taken
// its first topology and leases.
const servingLimit = 30 * time.Second

// awaitServing waits until the router has a region for every population and
// every dataset has an authority.
func (e *Engine) awaitServing(ctx context.Context) error {
	within := servingLimit
	for _, k := range e.keepers {
		within = max(within, servingLimit+2*k.patience()+preloadLimit(k.spec))
	}
	limit := time.NewTimer(within)
	defer limit.Stop()
	for _, k := range e.keepers {
		select {
		case <-k.assumed:
		case <-ctx.Done():
			return ctx.Err()
		case <-limit.C:
			return fmt.Errorf("%s got no authority within %s: not every region's store answers", k.spec.Name, within)
		}
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		missing := ""
		for _, p := range e.cfg.Spec.Users {
			if _, ok := e.router.Route(p.Name); !ok {
				missing = p.Name
			}
		}
		for _, r := range e.cfg.Spec.Regions {
			if !e.watch.has(r.Name) {
				missing = r.Name + " (it does not hold the topology)"
			}
		}
		if missing == "" {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-limit.C:
			return errors.New("not serving within " + within.String() + ": " + missing)
		}
	}
}
