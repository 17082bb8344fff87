package engine

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller"
	"github.com/fleetdrill/fleetdrill/drill/controller/runner"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// outcome is what came of a command: its proof, or why not and what to do.
type outcome struct {
	proof   string
	err     error
	next    string
	refused bool
}

func refuse(next string, err error) outcome { return outcome{err: err, next: next, refused: true} }

// controllerBus is the event log as the failover controllers see it.
type controllerBus struct{ log *spine }

func (b controllerBus) Emit(body drill.Body) drill.Event { return b.log.emit(body) }
func (b controllerBus) View(look func(*drill.State))     { b.log.view(look) }

// moveIDs numbers moves over all datasets.
type moveIDs struct{ orders *orders }

func (i moveIDs) Failover() int { return i.orders.failover() }
func (i moveIDs) Move() int     { return i.orders.move() }

// makeControllers makes the watch over all regions and a failover controller for each
// dataset.
func (e *Engine) makeControllers() {
	clock := runner.NewRealClock(e.now)
	agents, jurisdictions := map[string]runner.Agent{}, map[string]string{}
	for _, r := range e.cfg.Spec.Regions {
		agents[r.Name], jurisdictions[r.Name] = e.clients[r.Name], r.Jurisdiction
	}
	e.watch = runner.NewWatch(runner.WatchConfig{
		Agents: agents, Clock: clock, Peers: e.net.peersOf, Jurisdictions: jurisdictions, First: uint64(e.started.UnixMilli()),
		Heard: func(region string, s store.Status) {
			if c := e.controllers[s.Dataset]; c != nil {
				c.Heard(region, s)
			}
		},
	})
	for _, d := range e.cfg.Spec.Datasets {
		e.controllers[d.Name] = runner.New(runner.Config{
			Fleet: e.cfg.Spec, Dataset: d, StepLimit: stepLimit(d.Engine), Exports: e.cfg.Exports,
			Clock: clock, Bus: controllerBus{e.spine}, IDs: moveIDs{e.orders}, Ledger: e.ledger, Topology: e.watch,
			Client: func(region string) runner.Client { return e.clients[region] }, Log: e.log,
		})
		// Agents open their stores when they are told of the dataset; nobody leads yet.
		e.watch.Place(d, "", 0)
	}
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

// commanded is a controller's answer as a command's outcome.
func commanded(o controller.Outcome) outcome {
	return outcome{proof: o.Proof, err: o.Err, next: o.Next, refused: o.Refused}
}
