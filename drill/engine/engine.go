// Package engine runs a drill: it brings the fleet up, puts links, router, users and
// failover controllers between, takes commands, follows the plan, and takes all down. What a
// command does is drill/action's; what may break is the platform's.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/engine/capacity"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/history"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Config is what an engine is made of.
type Config struct {
	Spec topology.Fleet
	Plan *runbook.Plan // nil when an operator drills by hand
	On   string        // the platform's name
	// Make builds the platform, which reports to the engine.
	Make    func(fleet.Report) (fleet.Platform, error)
	Journal bus.Journal
	Seed    uint64
	Version string
	Now     func() time.Time // with a monotonic reading; time.Now
	Logger  *slog.Logger
	// Exports is the folder that diverged writes are brought to before their region
	// goes; "" leaves them where the region exported them. It is made when it is needed.
	Exports string
	// Repository is the folder in which the fleet's own Git repository is made, where one governs it.
	Repository string
	// Host is what the journal says of the machine; nil says nothing.
	Host *drill.Machine
	// Machine is what this process may use; its zero value is not known.
	Machine capacity.Limits
	// Keys is the folder of the certificate authorities' keys, where the fleet has identities; "" keeps them in memory.
	Keys string
	// History takes every read and write of the users, and at the end a reading of each
	// dataset by way of its authority, in the form of package history. It is closed at the
	// end. Nil keeps none.
	History io.WriteCloser
	// Control makes the socket by which other shells reach the drill, once the fleet is up; nil
	// takes no commands from there.
	Control func() (net.Listener, error)
	// Took is how long what is waited for took before, as package estimate has it; nil where nothing is known.
	Took map[string]time.Duration
	// Keep leaves the fleet up at the end, where it can outlive this process.
	Keep bool
}

// ErrUp and ErrDown wrap what went wrong while the fleet was brought up or torn
// down; the command line exits with 3 for either.
var (
	ErrUp   = errors.New("the fleet could not start")
	ErrDown = errors.New("the fleet could not stop")
)

// Engine is one drill. Make it with New, run it once with Run.
type Engine struct {
	cfg      Config
	log      *slog.Logger
	bus      *bus.Bus
	clock    bus.Clock
	ids      *bus.IDs
	platform fleet.Platform
	queue    *queue
	stands   *standstills
	inFlight int               // requests that may wait for answers
	parts    *parts            // made by Run once the fleet is up
	history  *history.Recorder // made by Run; nil where none is kept

	quit context.Context
	stop context.CancelCauseFunc // ends quit
	// hurry ends when the operator asks a second time: nothing is read any more.
	hurry   context.Context
	hurryUp context.CancelFunc // ends hurry

	mu   sync.Mutex
	keep bool
}

// errQuit ends a drill because the operator asked for it.
var errQuit = errors.New("the operator quit")

// New makes an engine; nothing is started yet.
func New(cfg Config) (*Engine, error) {
	e := &Engine{cfg: cfg, log: cfg.Logger, keep: cfg.Keep, ids: &bus.IDs{}, queue: newQueue()}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.quit, e.stop = context.WithCancelCause(context.Background())
	e.hurry, e.hurryUp = context.WithCancel(context.Background())
	e.bus = bus.New(cfg.Now, cfg.Journal, func(err error) { e.stop(fmt.Errorf("write the journal: %w", err)) })
	e.clock = e.bus.Clock()
	e.stands = newStandstills(cfg.Spec, e.bus)
	platform, err := cfg.Make(func(b drill.Body) { e.bus.Emit(b) })
	if err != nil {
		return nil, err
	}
	e.platform = platform
	return e, nil
}

// Subscribe returns every event from now on, in batches: subscribe before Run to get them
// all, and read until the channel is closed, when the drill is over.
func (e *Engine) Subscribe() <-chan []drill.Event { return e.bus.Subscribe(context.Background()) }

// View calls look with what the drill has come to, which must not be kept or changed.
func (e *Engine) View(look func(*drill.State)) { e.bus.View(look) }

// Send hands a command to the engine and returns at once. What becomes of it
// comes back as an event. It fails only while the engine can't take commands.
func (e *Engine) Send(c runbook.Command) error { return e.queue.put(c, nil) }

// Quit ends the drill, also before Run has begun; Run tears the fleet down
// unless keep is set. A second call ends what is read at the end too.
func (e *Engine) Quit(keep bool) {
	if errors.Is(context.Cause(e.quit), errQuit) {
		e.hurryUp()
	}
	e.mu.Lock()
	e.keep = keep
	e.mu.Unlock()
	e.stop(errQuit)
}

// Run brings the fleet up, drills, and tears the fleet down. It returns the
// verdict, and an error that wraps ErrUp or ErrDown, or says what else broke
// the drill. When ctx ends the drill is aborted and torn down all the same.
func (e *Engine) Run(ctx context.Context) (verdict drill.Verdict, err error) {
	defer e.bus.Close()
	defer e.hurryUp()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(e.quit, func() { stop(context.Cause(e.quit)) })()

	if e.cfg.History != nil {
		e.history = history.Record(e.cfg.History, e.bus.Now)
	}
	e.bus.Emit(drill.DrillStarted{Fleet: e.cfg.Spec, On: e.cfg.On, Plan: e.cfg.Plan, Seed: e.cfg.Seed, Version: e.cfg.Version, Took: e.cfg.Took, Machine: e.cfg.Host})
	watching, unwatch := context.WithCancel(context.Background())
	var watch sync.WaitGroup
	e.stands.watch.Begin()
	watch.Go(func() { e.stands.run(watching, e.clock) })
	verdict, why, runErr := e.drill(ctx)
	unwatch()
	watch.Wait()
	e.bus.Emit(drill.DrillEnded{Verdict: verdict, Why: why})
	return verdict, errors.Join(runErr, e.tearDown(), e.closeHistory())
}

// drill is everything between the first event and the verdict.
func (e *Engine) drill(ctx context.Context) (drill.Verdict, string, error) {
	p, why, err := e.bringUp(ctx)
	if err != nil {
		return notUp(ctx, why, err)
	}
	e.parts = p
	// The parts end before the fleet is torn down, so that no request is counted as
	// failed because of the tear-down.
	running, end := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer func() { end(); all.Wait(); p.close() }()
	start := func(run func(context.Context)) { all.Go(func() { run(running) }) }

	if p.signer != nil {
		p.signer.Join(ctx, joinWithin)
		start(p.signer.Run)
	}
	if p.hub != nil {
		start(p.hub.Run)
	}
	// Regions run nothing before, so nobody need look at them yet.
	if err := p.configure(ctx); err != nil {
		return notUp(ctx, err.Error(), err)
	}
	for _, run := range p.first {
		start(run)
	}
	if err := p.awaitServing(ctx); err != nil {
		return notUp(ctx, err.Error(), err)
	}
	// Users and samples end first: what is read at the end is no part of what is measured.
	asking, stopAsking := context.WithCancel(running)
	defer stopAsking()
	var users sync.WaitGroup
	users.Go(func() { p.users.Run(asking) })
	users.Go(func() { p.sampler.run(asking) })
	start(func(ctx context.Context) { e.queue.run(ctx, p.dispatch) })
	start(p.tracer.Run)
	if e.cfg.Spec.Failover.ScaleWeb {
		start(func(ctx context.Context) { e.scaleUp(ctx, p.dispatch) })
	}
	start(func(ctx context.Context) { e.control(ctx, p) })

	p.runner.quiet = sync.OnceFunc(func() {
		stopAsking()
		users.Wait()
		p.sampler.last()
	})
	verdict, why := p.runner.run(ctx, e.cfg.Plan)
	p.runner.quiet()
	switch {
	case e.cfg.Plan == nil: // its end was asked for
		e.readAtEnd(e.hurry, p)
	case ctx.Err() == nil: // who breaks a plan off wants its end
		e.readAtEnd(ctx, p)
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errQuit) && !errors.Is(cause, context.Canceled) {
		return drill.Aborted, cause.Error(), cause
	}
	return verdict, why, nil
}

// bringUp starts the fleet and puts links, router, users and controllers between. why says of an error what of it a
// verdict names.
func (e *Engine) bringUp(ctx context.Context) (p *parts, why string, err error) {
	if e.inFlight, err = e.cfg.Machine.Fit(e.cfg.Spec); err != nil {
		return nil, err.Error(), err
	}
	opening := e.repository(ctx)
	defer opening.End()
	if err := e.platform.Up(ctx); err != nil {
		return nil, "the fleet did not come up: " + err.Error(), err
	}
	if err := ctx.Err(); err != nil {
		return nil, err.Error(), err
	}
	if p, err = e.connect(opening); err != nil {
		return nil, err.Error(), err
	}
	return p, "", nil
}

// notUp is what comes of a drill whose fleet does not serve: it was stopped meanwhile, or something is wrong with the fleet.
func notUp(ctx context.Context, why string, err error) (drill.Verdict, string, error) {
	if ctx.Err() != nil {
		return drill.Aborted, "stopped during bring-up: " + reason(ctx), quiet(ctx)
	}
	return drill.Inconclusive, why, fmt.Errorf("%w: %w", ErrUp, err)
}

// quiet is the error of a drill that was stopped: none when somebody asked for it.
func quiet(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, errQuit) || errors.Is(cause, context.Canceled) {
		return nil
	}
	return cause
}

func reason(ctx context.Context) string {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) {
		return "interrupted"
	}
	return cause.Error()
}

// tearDownLimit bounds the tear-down of a fleet: deleting three clusters took
// 4 s where it was measured; an engine that hangs is given up after this.
const tearDownLimit = 3 * time.Minute

func (e *Engine) tearDown() error {
	e.mu.Lock()
	keep := e.keep
	e.mu.Unlock()
	if keep && e.platform.Leave() {
		return nil
	}
	e.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseTearDown})
	ctx, cancel := context.WithTimeout(context.Background(), tearDownLimit)
	defer cancel()
	if err := e.platform.Down(ctx); err != nil {
		e.bus.Emit(drill.TaskFailed{Task: "stop the fleet", Error: err.Error(), Next: "run `fleetdrill down`"})
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	e.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseEnded})
	return nil
}
