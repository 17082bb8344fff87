package engine

import (
	"context"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// scaleUp gives each region that a failover promotes the fleet's number of web replicas, until ctx ends. It is a command
// as a person's would be: checked, carried out, proved, and in the journal.
func (e *Engine) scaleUp(ctx context.Context, d *dispatcher) {
	var all sync.WaitGroup
	defer all.Wait()
	var asked sync.Map // regions that are being scaled: one failover of several datasets asks once
	for batch := range e.bus.Subscribe(ctx) {
		for _, event := range batch {
			var c runbook.Command
			e.View(func(s *drill.State) { c = scaledUp(s, event.Body) })
			if c.Region == "" {
				continue
			}
			if _, is := asked.LoadOrStore(c.Region, true); is {
				continue
			}
			// It waits for what it can't be done beside, as a step does.
			w := d.take(c, nil, func(*work) bool { return true })
			all.Go(func() {
				_ = w.run(ctx) // its failure is an event
				asked.Delete(c.Region)
			})
		}
	}
}

// scaledUp is the command that follows from an event: a failover promoted a region whose web tier is smaller than the
// fleet's. Its region is "" where nothing follows.
func scaledUp(s *drill.State, body drill.Body) (c runbook.Command) {
	b, staged := body.(drill.FailoverStaged)
	if !staged || b.Stage != drill.StagePromote || !s.Fleet.Failover.ScaleWeb {
		return c
	}
	if r, n := s.Region(b.To), topology.MostWebReplicas; r != nil {
		if n = min(n, s.Fleet.Web.Replicas); r.Web < n {
			c = runbook.Command{Verb: runbook.VerbScale, Region: b.To, Replicas: runbook.Counted(n), By: runbook.ByController}
		}
	}
	return c
}
