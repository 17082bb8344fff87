package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/peers"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// passOver is how long a region that did not answer a read is asked after the others, and
// mostPassOver how long at most where it stays silent, twice as long each time: one request in
// that time finds out whether it is back, and may wait for it in vain.
const (
	passOver     = time.Second
	mostPassOver = 16 * time.Second
)

// far is what a gateway knows of the regions that it reads from where it keeps no replica, or does not reach its own.
type far struct {
	now func() time.Duration

	mu     sync.Mutex
	silent map[string]silence // the regions that did not answer
}

// silence is until when a region comes last, and for how long that is.
type silence struct{ until, wait time.Duration }

// order is the regions in the order in which they are to be asked: the nearest first, those
// that did not answer lately last. One whose time is over is tried by who asks now alone,
// until that has come to an end.
func (f *far) order(regions []string, rtt map[string]time.Duration) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	late := map[string]bool{}
	for _, region := range regions {
		s, was := f.silent[region]
		late[region] = was && now < s.until
		if was && !late[region] {
			s.wait = min(2*s.wait, mostPassOver)
			s.until = now + s.wait
			f.silent[region] = s
		}
	}
	order := slices.Clone(regions)
	slices.SortStableFunc(order, func(a, b string) int {
		if late[a] != late[b] {
			return cmp.Compare(map[bool]int{true: 1}[late[a]], map[bool]int{true: 1}[late[b]])
		}
		return cmp.Compare(rtt[a], rtt[b])
	})
	return order
}

// heard notes whether a region answered.
func (f *far) heard(region string, answered bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if answered {
		delete(f.silent, region)
		return
	}
	if _, known := f.silent[region]; !known {
		f.silent[region] = silence{until: f.now() + passOver, wait: passOver}
	}
}

func (g *gateway) serveRead(w http.ResponseWriter, r *http.Request) {
	ctx, cancel, err := answer.Awaited(r, 0)
	if err != nil {
		answer.Error(w, g.region, err)
		return
	}
	defer cancel()
	found, err := g.RouteRead(ctx, r.PathValue("dataset"), r.PathValue("id"), r.URL.Query().Get(wire.QueryReads))
	answer.Result(w, g.region, found, err)
}

// RouteRead looks a write up in the region's own replica. Where it keeps none, or its store is gone, which is a process of
// its own, it asks the nearest region that does, over the link, and the next where that does not answer.
// Residency keeps a pinned dataset's contents out of the region all the same. With
// topology.ReadsAuthority it asks the authority alone, wherever that is.
func (g *gateway) RouteRead(ctx context.Context, dataset, id, reads string) (wire.Found, error) {
	routes := g.routes.Load()
	if err := routes.Admits(dataset, g.region); err != nil {
		return wire.Found{}, err
	}
	p, ok := routes.Placement(dataset)
	switch reads {
	case topology.ReadsAuthority:
		return readLeading(ctx, g, routes, p, dataset, id)
	case "", topology.ReadsNearest:
	default:
		return wire.Found{}, fmt.Errorf("reads %.30q are neither %s nor %s: %w", reads, topology.ReadsNearest, topology.ReadsAuthority, wire.ErrBad)
	}
	readers := p.Dataset.Readers(p.Authority)
	alone := !ok || len(readers) == 0
	_, apart := g.store.(*wire.Client)
	if alone || slices.Contains(readers, g.region) && !(apart && len(readers) > 1) {
		return g.store.Lookup(ctx, dataset, id, false)
	}
	ctx, cancel, within := answer.Answering(ctx, g.writeTimeout)
	defer cancel()
	holders := g.far.order(readers, routes.Topology.RTT)
	var errs []error
	for i, region := range holders {
		if region == g.region {
			found, err := g.readHere(ctx, dataset, id, topology.HolderWithin(within, i, len(holders)))
			if refused := (*wire.Error)(nil); err == nil || errors.As(err, &refused) {
				return found, err
			}
			errs = append(errs, fmt.Errorf("its store: %w", err))
			continue
		}
		if err := routes.Admits(dataset, region); err != nil {
			errs = append(errs, err)
			continue
		}
		found, err := g.readAt(ctx, routes, region, dataset, id, topology.HolderWithin(within, i, len(holders)))
		if err == nil {
			return found, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", region, err))
		if ctx.Err() != nil {
			break // nobody waits any longer
		}
	}
	kept := "keeps no replica"
	if slices.Contains(readers, g.region) {
		kept = "does not reach its replica"
	}
	return wire.Found{}, answer.Unreachable(g.region, fmt.Sprintf("region %s %s of %s, and %s", g.region, kept, dataset, strings.Join(holders, ", ")), errors.Join(errs...))
}

// readHere asks the region's own store. Its refusal is an answer.
func (g *gateway) readHere(ctx context.Context, dataset, id string, within time.Duration) (wire.Found, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	found, err := g.store.Lookup(ctx, dataset, id, false)
	if refused := (*wire.Error)(nil); !errors.Is(err, context.Canceled) {
		g.far.heard(g.region, err == nil || errors.As(err, &refused))
	}
	return found, err
}

// readAt asks one region.
func (g *gateway) readAt(ctx context.Context, routes *peers.Routes, region, dataset, id string, within time.Duration) (wire.Found, error) {
	peer, ok := routes.Peer(dataset, region)
	if !ok {
		return wire.Found{}, fmt.Errorf("region %s knows of no peer %.70q now", g.region, region)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	found, err := peer.Client.Lookup(ctx, dataset, id, false)
	if errors.Is(err, context.Canceled) {
		return wire.Found{}, err // who asked has gone: it says nothing of the region
	}
	g.far.heard(region, err == nil)
	if err != nil {
		peer.Failed(err)
	}
	return found, err
}

// readLeading asks the authority, as this region's topology has it or as the region found it by itself. It answers as long as
// its lease holds, so what was acknowledged before is in its answer, unless it was lost.
func readLeading(ctx context.Context, g *gateway, routes *peers.Routes, p wire.Placement, dataset, id string) (wire.Found, error) {
	if p.Dataset.Name == "" {
		return wire.Found{}, fmt.Errorf("dataset %.70s has no authority that region %s knows of: %w", dataset, g.region, wire.ErrNoAuthority)
	}
	ctx, cancel, _ := answer.Answering(ctx, g.writeTimeout)
	defer cancel()
	to, err := g.destination(ctx, routes, p)
	if err != nil {
		return wire.Found{}, err
	}
	sent := g.clock()
	found, err := to.authority.Lookup(ctx, dataset, id, true)
	g.found.Ended(dataset, sent, err)
	var refused *wire.Error
	switch {
	case err == nil:
		return found, nil
	case errors.As(err, &refused) || to.peer == nil:
		return wire.Found{}, err
	}
	to.peer.Failed(err)
	return wire.Found{}, answer.Unreachable(g.region, "region "+to.placement.Authority+", authority of "+dataset+",", err)
}
