package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/controller"
	"github.com/fleetdrill/fleetdrill/drill/controller/runner"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// controllers is the failover controller of each dataset, by its name.
type controllers map[string]*runner.Controller

// makeControllers makes the watch over all regions and a failover controller for each
// dataset.
func (e *Engine) makeControllers(p *parts) (*runner.Watch, controllers) {
	all := controllers{}
	agents, jurisdictions := map[string]runner.Agent{}, map[string]string{}
	for _, r := range p.spec.Regions {
		agents[r.Name], jurisdictions[r.Name] = p.clients[r.Name], r.Jurisdiction
	}
	watch := runner.NewWatch(runner.WatchConfig{
		Agents: agents, Clock: e.clock, Peers: p.network.PeerURLs, Jurisdictions: jurisdictions, First: uint64(e.bus.Started().UnixMilli()),
		Heard: func(region string, s store.Status) {
			if c := all[s.Dataset]; c != nil {
				c.Heard(region, s)
			}
		},
	})
	for _, d := range p.spec.Datasets {
		all[d.Name] = runner.New(runner.Config{
			Fleet: p.spec, Dataset: d, StepLimit: stepLimit(d.Engine), Exports: e.cfg.Exports,
			Clock: e.clock, Bus: e.bus, IDs: e.ids, Ledger: p.ledger, Topology: watch,
			Client: func(region string) runner.Client { return p.clients[region] }, Log: e.log,
		})
		// Agents open their stores when they hear of the dataset; nobody leads yet.
		watch.Place(d, "", 0)
	}
	return watch, all
}

const (
	// actTimeout bounds one step of a move (fence, promote, first lease) at a region
	// that is known to answer: its disk may be slow, and to give up costs more.
	actTimeout = 2 * time.Second
	// serverTimeout is the same where a database server has to be made and started
	// for it: an initdb and a start took 1.5 s where it was measured, on a busy disk
	// of two cores shared by three regions ten times that.
	serverTimeout = 30 * time.Second
)

// stepLimit bounds one step of a move, by the dataset's engine.
func stepLimit(engine string) time.Duration {
	if engine == "postgres" {
		return serverTimeout
	}
	return actTimeout
}

// judged takes the router's events.
func (all controllers) judged(ev drill.Event) {
	judged, ok := ev.Body.(drill.RegionJudged)
	if !ok {
		return
	}
	for _, c := range all {
		c.Judged(judged.Region, judged.Up, ev.T, fmt.Sprintf("%d probes failed: %s", judged.After, judged.Why))
	}
}

// acked takes every acknowledged write.
func (all controllers) acked(dataset, authority string, epoch uint64, at time.Duration) {
	if c := all[dataset]; c != nil {
		c.Acked(authority, epoch, at)
	}
}

// leader is the authority of a dataset; "" while there is none.
func (all controllers) leader(dataset string) string {
	lead, _ := all[dataset].Leader()
	return lead
}

// flush has every controller report what it reports at intervals.
func (all controllers) flush(ctx context.Context) {
	for _, c := range all {
		ctx, cancel := context.WithTimeout(ctx, actTimeout)
		c.Flush(ctx)
		cancel()
	}
}

// audit holds the ledger of every dataset against its authority, at the end.
func (all controllers) audit(ctx context.Context) {
	for _, c := range all {
		c.Audit(ctx, controller.Occasion{Why: drill.CheckedAtEnd})
	}
}

// dataPort is the failover controllers as actions see them.
type dataPort struct {
	controllers controllers
	clock       bus.Clock
}

// Command hands a command to the controller of its dataset and waits for the answer.
func (p dataPort) Command(ctx context.Context, c drill.Command) (string, error) {
	out := p.controllers[c.Dataset].Command(ctx, c)
	switch {
	case out.Err == nil:
		return out.Proof, nil
	case out.Refused:
		return "", &action.Refusal{Why: out.Err.Error(), Next: out.Next}
	}
	return "", &action.Failure{Err: out.Err, Next: out.Next}
}

// Gathered reports whether every replica outside the regions that are away hears from its
// authority.
func (p dataPort) Gathered(away map[string]bool) bool {
	for _, c := range p.controllers {
		m := c.Memory()
		if !m.Gathered(p.clock.Now(), away) {
			return false
		}
	}
	return true
}
