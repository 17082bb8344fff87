package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/objects"
	"github.com/fleetdrill/fleetdrill/drill/agent/peers"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// authority is a store that takes writes, and answers for them: the region's own, or another's.
type authority interface {
	Append(ctx context.Context, dataset string, epoch uint64, w store.Write) (store.Ack, error)
	Lookup(ctx context.Context, dataset, id string, leading bool) (wire.Found, error)
}

// destination is where a write is sent, or a read that the authority is to answer.
type destination struct {
	placement wire.Placement // with the region and the epoch as they are believed
	authority authority
	peer      *peers.Peer // nil where it is this region itself
}

// Route takes a write to the authority: as this region's topology has it, in the epoch that the topology says (if that is
// stale the authority refuses), or as the region found it by itself.
func (g *gateway) Route(ctx context.Context, dataset string, w store.Write) (wire.Written, error) {
	routes := g.routes.Load()
	p, ok := routes.Placement(dataset)
	switch {
	case routes == nil:
		return wire.Written{}, fmt.Errorf("region %s has no topology yet: %w", g.region, wire.ErrNoAuthority)
	case !ok:
		return wire.Written{}, fmt.Errorf("no dataset %.70q in topology %d: %w", dataset, routes.Topology.Version, wire.ErrNotFound)
	case routes.Admits(dataset, g.region) != nil:
		return wire.Written{}, fmt.Errorf("write %s: %w", w.ID, routes.Admits(dataset, g.region))
	}
	ctx, cancel, within := answer.Answering(ctx, g.writeTimeout)
	defer cancel()
	to, err := g.destination(ctx, routes, p)
	if err != nil {
		return wire.Written{}, err
	}
	if to.peer == nil { // another region asks its own
		if err := g.rules.Writes(dataset); err != nil {
			return wire.Written{}, err
		}
	} else if secret := g.rules.Secret(); secret != "" {
		ctx = wire.WithCredentials(ctx, objects.Credential(g.maker.Token, secret))
	}
	sent := g.clock()
	ack, err := to.authority.Append(ctx, dataset, to.placement.Epoch, w)
	g.found.Ended(dataset, sent, err)
	if err != nil {
		if to.peer != nil {
			to.peer.Failed(err)
		}
		return wire.Written{}, g.writeFailed(ctx, to.placement, to.peer != nil, within, err)
	}
	return wire.Written{Ack: ack, Authority: to.placement.Authority, Region: g.region}, nil
}

// destination is the authority as the topology has it, or the endpoint that the region found. An endpoint says no epoch, and
// neither does a write to one that the topology does not have for the authority.
func (g *gateway) destination(ctx context.Context, routes *peers.Routes, p wire.Placement) (_ destination, err error) {
	base := ""
	if g.found.Finds() {
		found, err := g.found.Pick(ctx, p.Dataset.Name)
		if err != nil {
			return destination{}, err
		}
		if base = found.Base; found.Region != p.Authority {
			p.Authority, p.Epoch = found.Region, 0
		}
	}
	if p.Authority == "" {
		return destination{}, fmt.Errorf("dataset %s has no authority in topology %d: %w", p.Dataset.Name, routes.Topology.Version, wire.ErrNoAuthority)
	}
	if p.Authority == g.region {
		return destination{placement: p, authority: g.store}, nil
	}
	if err := g.rules.Reaches(p.Authority); err != nil {
		return destination{}, err
	}
	if err := routes.Admits(p.Dataset.Name, p.Authority); err != nil {
		return destination{}, fmt.Errorf("write to %s: %w", p.Authority, err)
	}
	other, known := routes.Peer(p.Dataset.Name, p.Authority)
	if base != "" && (!known || base != other.Base()) {
		if other, err = g.former(p.Authority, base, routes.Topology.RTT[p.Authority]); err != nil {
			return destination{}, err
		}
	} else if !known {
		return destination{}, fmt.Errorf("region %s knows of no peer %.70q now: %w", g.region, p.Authority, wire.ErrNoAuthority)
	}
	return destination{placement: p, authority: other.Client, peer: other}, nil
}

// former is a region at an address that a kept name has, and the topology has not any more: it is called all the same, as
// every program with such an address does.
func (g *gateway) former(region, base string, away time.Duration) (*peers.Peer, error) {
	if known, ok := g.formers.Load(base); ok {
		return known.(*peers.Peer), nil
	}
	made, err := g.maker.Peer(region, base, away)
	if err != nil {
		return nil, err
	}
	kept, _ := g.formers.LoadOrStore(base, made)
	return kept.(*peers.Peer), nil
}

// leaveAll drops the connections to all peers.
func leaveAll(g *gateway) {
	g.routes.Load().Leave(nil)
	g.formers.Range(func(_, p any) bool {
		p.(*peers.Peer).Transport.CloseIdleConnections()
		return true
	})
}

// writeFailed is the error of a write that the authority did not acknowledge: its
// own refusal where it gave one, else that it did not answer. An answer of another
// region in its place counts as none.
func (g *gateway) writeFailed(ctx context.Context, p wire.Placement, elsewhere bool, within time.Duration, err error) *wire.Error {
	var refused *wire.Error
	where := fmt.Sprintf("region %s, authority of %s,", p.Authority, p.Dataset.Name)
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return answer.Unreachable(g.region, where, fmt.Errorf("nothing within %s, the write may be stored all the same: %w", within.Round(time.Millisecond), context.DeadlineExceeded))
	case elsewhere:
		return answer.Unreachable(g.region, where, err)
	}
	if _, apart := g.store.(*wire.Client); apart {
		return answer.Unreachable(g.region, "the store of "+g.region, err)
	}
	return wire.AsError(g.region, err)
}

// askStatus asks this region's store, or another region's gateway over the link, what its replicas are.
func (g *gateway) askStatus(ctx context.Context, region string) (wire.RegionStatus, error) {
	if region == g.region {
		return g.store.Status(ctx)
	}
	p, ok := g.routes.Load().Peer("", region)
	if !ok {
		return wire.RegionStatus{}, fmt.Errorf("region %s knows of no peer %.70q now", g.region, region)
	}
	st, err := p.Client.Status(ctx)
	if err != nil && ctx.Err() != nil {
		p.Failed(context.DeadlineExceeded)
	}
	return st, err
}
