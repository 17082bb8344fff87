// Package runner runs the failover controller of a dataset: it hands what it hears to
// controller.Decide, and does the steps that come of it.
//
// # Goroutines
//
// Run is one loop. It alone changes the memory, and it owns the goroutine of each step:
// Run returns when all have ended. The context of a step ends with its limit, or as soon as
// a region that it is about goes down. Only a fetch of diverged writes outlives the
// drill's context, since its end is when they are wanted most; Run waits for it.
//
// # Lock order
//
// Heard, Judged and Acked only put into the inbox, so they may be called under anybody's
// lock: Watch calls Heard under Watch.mu, the router reports its verdicts under its own.
// inbox.mu is the last to be taken. Command and Flush wait for the loop, which emits events:
// they are called with no lock held.
//
// Controller.mu comes after any other lock, and none is taken while it is held. Nobody calls
// Memory or Leader under a lock of the event bus: a wait for a steady fleet asks once its
// look at the state is over.
//
// Emit and View take the bus's locks, and are called with none of this package held. A
// function given to View only reads: it changes nothing of a controller.
package runner

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/controller"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Controller is the failover controller of one dataset. Make it with New, run it once
// with Run. Its methods may be called from several goroutines.
type Controller struct {
	cfg     Config
	inbox   *inbox
	assumed chan struct{} // closed once there is a first authority
	over    chan struct{} // closed when Run has ended

	// Owned by Run's goroutine.
	running map[uint64]running
	steps   sync.WaitGroup

	mu      sync.Mutex
	memory  controller.Memory // replaced as a whole
	number  uint64            // of the last command or flush
	answers map[uint64]chan exchange.Outcome
}

// running is a step under way.
type running struct {
	step exchange.Step
	end  context.CancelCauseFunc
}

// New makes a controller; nothing is started yet.
func New(cfg Config) *Controller {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Controller{
		cfg: cfg, inbox: newInbox(), assumed: make(chan struct{}), over: make(chan struct{}),
		running: map[uint64]running{}, answers: map[uint64]chan exchange.Outcome{},
		memory: controller.NewMemory(controller.Rules{
			Dataset: cfg.Dataset, Policy: cfg.Fleet.Failover, Links: cfg.Fleet.Links, StepLimit: cfg.StepLimit,
			Probe: cfg.Fleet.Routing.Probe.Timeout, Export: cfg.Exports != "",
		}),
	}
}

// Dataset is the dataset as the fleet file has it.
func (c *Controller) Dataset() topology.Dataset { return c.cfg.Dataset }

// Assumed is closed once the dataset has its first authority.
func (c *Controller) Assumed() <-chan struct{} { return c.assumed }

// Memory is what is known now.
func (c *Controller) Memory() controller.Memory {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.memory
}

// Leader is the authority and its epoch; "" while there is none.
func (c *Controller) Leader() (string, uint64) {
	m := c.Memory()
	return m.Leader()
}

// Heard takes a region's status in, as it comes.
func (c *Controller) Heard(region string, s store.Status) {
	c.inbox.put(exchange.Heard{Region: region, Status: s})
}

// Judged takes a verdict of the router in. At is when it was made, why its reason.
func (c *Controller) Judged(j exchange.Judged) { c.inbox.put(j) }

// Acked takes an acknowledged write in: by whom, and when its client heard so.
func (c *Controller) Acked(region string, epoch uint64, at time.Duration) {
	c.inbox.acked(region, epoch, at)
}

// Command has a command about the dataset carried out, and returns what came of it.
func (c *Controller) Command(ctx context.Context, command runbook.Command) exchange.Outcome {
	return c.await(ctx, func(number uint64) exchange.Observation {
		return exchange.Asked{Number: number, Command: command}
	})
}

// Flush has reported what is reported at intervals: the drill is about to be judged.
func (c *Controller) Flush(ctx context.Context) {
	c.await(ctx, func(number uint64) exchange.Observation { return exchange.Flush{Number: number} })
}

func (c *Controller) await(ctx context.Context, ask func(number uint64) exchange.Observation) exchange.Outcome {
	answer := make(chan exchange.Outcome, 1)
	c.mu.Lock()
	c.number++
	number := c.number
	c.answers[number] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.answers, number)
	}()
	c.inbox.put(ask(number))
	select {
	case o := <-answer:
		return o
	case <-ctx.Done():
	case <-c.over:
		select {
		case o := <-answer:
			return o
		default:
		}
	}
	return exchange.Outcome{Err: controller.ErrStopped}
}

// Run controls the dataset until ctx ends, and returns when everything that it began has.
func (c *Controller) Run(ctx context.Context) {
	defer close(c.over)
	for {
		fired, stop := c.cfg.Clock.After(c.memory.Next() - c.cfg.Clock.Now())
		select {
		case <-ctx.Done():
		case <-c.inbox.bell:
		case <-fired:
		}
		stop()
		waits := c.inbox.take(ctx.Err() != nil)
		if ctx.Err() != nil {
			c.end(ctx, waits)
			return
		}
		for _, o := range waits {
			c.take(ctx, o)
		}
		now := c.cfg.Clock.Now()
		if now < c.memory.Next() {
			continue
		}
		if c.memory.Due(now) {
			c.decide(ctx, c.conditions())
			for _, o := range c.inbox.take(true) {
				c.take(ctx, o)
			}
		}
		c.decide(ctx, exchange.Tick{})
	}
}

// end waits for what is under way, and reports what came of it. What waited and may be a
// step that the end itself broke off is judged after the end, so that it is no news.
func (c *Controller) end(ctx context.Context, waits []exchange.Observation) {
	for _, o := range waits {
		if _, acked := o.(exchange.Acked); acked {
			c.decide(ctx, o)
		}
	}
	c.decide(ctx, exchange.Ending{})
	for _, o := range waits {
		if _, acked := o.(exchange.Acked); !acked {
			c.take(ctx, o)
		}
	}
	for len(c.running) > 0 {
		<-c.inbox.bell
		for _, o := range c.inbox.take(true) {
			c.take(ctx, o)
		}
	}
	c.steps.Wait()
	for _, o := range c.inbox.take(true) { // commands that came last are answered too
		c.take(ctx, o)
	}
}

// take hands an observation on. A verdict comes with what is known to be broken, and ends
// what a region that went down was asked.
func (c *Controller) take(ctx context.Context, o exchange.Observation) {
	switch o := o.(type) {
	case exchange.Done:
		delete(c.running, o.Step.ID)
	case exchange.Judged:
		c.decide(ctx, c.conditions())
		if !o.Up {
			c.wentDown(o.Region)
		}
	}
	c.decide(ctx, o)
}

// decide has an observation judged and begins what comes of it. Results that take no
// time are judged before anything else.
func (c *Controller) decide(ctx context.Context, o exchange.Observation) {
	for todo := []exchange.Observation{o}; len(todo) > 0; todo = todo[1:] {
		memory, steps := controller.Decide(c.cfg.Clock.Now(), c.memory, todo[0])
		c.mu.Lock()
		c.memory = memory
		c.mu.Unlock()
		for _, step := range steps {
			if now, done := c.act(ctx, step); now {
				todo = append(todo, done)
			}
		}
	}
	select {
	case <-c.assumed:
	default:
		if c.memory.Assumed() {
			close(c.assumed)
		}
	}
}

// conditions is what is known to be broken now.
func (c *Controller) conditions() exchange.Conditions {
	var all []exchange.Condition
	c.cfg.Bus.View(func(s *drill.State) {
		for _, region := range c.cfg.Dataset.Regions {
			known := exchange.Condition{Region: region}
			if r := s.Region(region); r != nil {
				known.Broken, known.Cordoned = r.Fault != nil || s.StoreFault(region) != nil, r.Cordoned
			}
			if f := attribution.Cause(s, region); f != nil {
				known.Fault, known.From, known.Shape = f.ID, f.From, f.Effect.Shape
			}
			all = append(all, known)
		}
	})
	return exchange.Conditions{Regions: all}
}
