package engine

import (
	"context"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

// namesEndWithin bounds how long the last answers of the name server, and to visitors, are waited for.
const namesEndWithin = time.Second

// openEntry starts the fleet's name server, where any of its users come in by a name, and says where it listens.
func (e *Engine) openEntry(p *parts) error {
	if !slices.ContainsFunc(p.spec.Users, func(u topology.Population) bool { return p.spec.Entry(u) == topology.EntryDNS }) {
		return nil
	}
	names, err := zone.Start(zone.Config{Fleet: p.spec, Route: p.router.Route, Others: p.router.RouteOther})
	if err != nil {
		return err
	}
	p.names = names
	e.bus.Emit(drill.EntryOpened{Names: names.Addr()})
	return nil
}

// closeEntry ends it, and what people ask by; none of the users asks any more.
func (p *parts) closeEntry() {
	ctx, cancel := context.WithTimeout(context.Background(), namesEndWithin)
	defer cancel()
	if p.visitors != nil {
		_ = p.visitors.Close(ctx)
	}
	if p.names != nil {
		_ = p.names.Close(ctx)
	}
}

// asking is how the fleet's name server is asked for a population: by its resolvers, or by anybody else there.
func (p *parts) asking(ask func(context.Context, string, topology.Fleet, string) (zone.Answer, error)) func(context.Context, string) (zone.Answer, error) {
	return func(ctx context.Context, of string) (zone.Answer, error) { return ask(ctx, p.names.Addr(), p.spec, of) }
}
