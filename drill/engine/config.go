package engine

import (
	"context"
	"errors"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config/governor"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// repository begins to open the fleet's, where one governs it; nil where none does, or the platform gives regions what they run.
func (e *Engine) repository(ctx context.Context) *governor.Opening {
	platform, can := e.platform.(fleet.Governed)
	if e.cfg.Spec.Config == nil || !can {
		return nil
	}
	return governor.Open(ctx, e.cfg.Spec, e.cfg.Repository, e.cfg.Now, platform)
}

// govern makes what governs the regions by their repository; nil where none does.
func (e *Engine) govern(p *parts, opening *governor.Opening) (*governor.Governor, error) {
	platform, can := e.platform.(fleet.Governed)
	if opening == nil || !can {
		return nil, nil
	}
	direct := func(region string) *wire.Client { return p.clients[region] }
	c := governor.Config{
		Opening: opening, Direct: direct, Reconciler: direct,
		Success: func(region string) (share *float64) {
			e.View(func(s *drill.State) { share = gitops.SuccessOf(s, region) })
			return share
		},
		Emit: e.bus.Emit, Clock: p.clock, Wall: e.cfg.Now,
		Weights: func(of map[string]float64, revision string) { p.router.SetWeights(of, revision) }, // it is made after this
		Wanted:  platform.Govern, Scaled: e.scaled,
	}
	c.Clusters, _ = e.platform.(fleet.Clusters)
	if p.spec.Config.Mode == topology.ConfigHub && p.hub != nil {
		c.Reconciler = p.hub.Client
		c.Hub = func(err error) bool { return errors.Is(err, exchange.ErrUncarried) }
	}
	return governor.New(c)
}

// scaled has everybody know that a region has another number of web replicas.
func (e *Engine) scaled(region string, replicas int, took time.Duration, proof string) {
	was := replicas
	e.View(func(s *drill.State) { was = s.Region(region).Web })
	if was != replicas {
		e.bus.Emit(drill.RegionScaled{Region: region, Was: was, Replicas: replicas, Took: took, Proof: proof})
	}
}

// configure gives every region what it is to run; nothing to do where no repository governs them.
func (p *parts) configure(ctx context.Context) error {
	if p.governor == nil {
		return nil
	}
	return p.governor.First(ctx)
}
