// Package engine runs a drill: it takes commands, drives the fleet and the
// agents, and emits events. It is where the failover controller lives, outside
// every region, so that no fault can take it.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
	"github.com/fleetdrill/fleetdrill/drill/traffic"
)

// Journal is where every event goes, in order.
type Journal interface {
	Append(drill.Event) error
}

// Config is what an engine is made of.
type Config struct {
	Spec drill.Fleet
	Plan *drill.Plan // nil when an operator drills by hand
	On   string      // "kind" or "local"
	// Make builds the fleet, which reports to the engine.
	Make    func(fleet.Report) (fleet.Platform, error)
	Journal Journal
	Seed    uint64
	Version string
	Now     func() time.Time // with a monotonic reading; time.Now
	Logger  *slog.Logger
	// Exports is the folder that diverged writes are brought to before their region
	// goes; "" leaves them where the region exported them. It is made when it is needed.
	Exports string
	// Keep leaves the fleet up at the end, where it can outlive this process.
	Keep bool
}

// ErrUp and ErrDown wrap what went wrong while the fleet was brought up or torn
// down; the command line exits with 3 for either.
var (
	ErrUp   = errors.New("the fleet could not be brought up")
	ErrDown = errors.New("the fleet could not be torn down")
)

// Engine is one drill. Make it with New, run it once with Run.
type Engine struct {
	cfg   Config
	log   *slog.Logger
	fleet fleet.Platform
	*spine

	net     *network
	watch   *watch
	router  *traffic.Router
	users   *traffic.Users
	ledger  *ledger.Ledger
	keepers map[string]*keeper
	mend    *recovery
	orders  *orders

	commands chan drill.Command
	ready    chan struct{} // closed once commands are taken
	quit     context.Context
	stop     context.CancelCauseFunc // ends quit

	mu   sync.Mutex
	keep bool
}

// errQuit ends a drill because the operator asked for it.
var errQuit = errors.New("the operator quit")

// New makes an engine; nothing is started yet.
func New(cfg Config) (*Engine, error) {
	e := &Engine{
		cfg: cfg, log: cfg.Logger, keep: cfg.Keep,
		commands: make(chan drill.Command, 64),
		ready:    make(chan struct{}),
		keepers:  map[string]*keeper{},
		ledger:   ledger.New(),
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.quit, e.stop = context.WithCancelCause(context.Background())
	e.spine = newSpine(cfg.Now, cfg.Journal, func(err error) { e.stop(fmt.Errorf("write the journal: %w", err)) })
	f, err := cfg.Make(func(b drill.Body) { e.emit(b) })
	if err != nil {
		return nil, err
	}
	e.fleet = f
	return e, nil
}

// Send hands a command to the engine and returns at once. What becomes of it
// comes back as an event. It fails only while the engine can't take commands.
func (e *Engine) Send(c drill.Command) error {
	select {
	case <-e.ready:
	default:
		return fmt.Errorf("%s: the fleet is not up yet", c)
	}
	e.orders.opened(1)
	select {
	case e.commands <- c:
		return nil
	default:
		e.orders.opened(-1)
		return fmt.Errorf("%s: %d commands wait already", c, cap(e.commands))
	}
}

// Quit ends the drill, also before Run has begun; Run tears the fleet down
// unless keep is set.
func (e *Engine) Quit(keep bool) {
	e.mu.Lock()
	e.keep = keep
	e.mu.Unlock()
	e.stop(errQuit)
}

// Run brings the fleet up, drills, and tears the fleet down. It returns the
// verdict, and an error that wraps ErrUp or ErrDown, or says what else broke
// the drill. When ctx ends the drill is aborted and torn down all the same.
func (e *Engine) Run(ctx context.Context) (verdict drill.Verdict, err error) {
	defer e.close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(e.quit, func() { stop(context.Cause(e.quit)) })()

	e.emit(drill.DrillStarted{Fleet: e.cfg.Spec, On: e.cfg.On, Plan: e.cfg.Plan, Seed: e.cfg.Seed, Version: e.cfg.Version})
	verdict, why, runErr := e.drill(ctx)
	e.emit(drill.DrillEnded{Verdict: verdict, Why: why})
	return verdict, errors.Join(runErr, e.tearDown())
}

// drill is everything between the first event and the verdict.
func (e *Engine) drill(ctx context.Context) (drill.Verdict, string, error) {
	if err := e.fleet.Up(ctx); err != nil {
		if ctx.Err() != nil {
			return drill.Aborted, "stopped during bring-up: " + reason(ctx), quiet(ctx)
		}
		return drill.Inconclusive, "the fleet did not come up: " + err.Error(), fmt.Errorf("%w: %w", ErrUp, err)
	}
	if ctx.Err() != nil {
		return drill.Aborted, "stopped during bring-up: " + reason(ctx), quiet(ctx)
	}
	// The parts below end before the fleet is torn down, so that no request is
	// counted as failed because of the tear-down.
	parts, end := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer func() { end(); running.Wait(); e.closeNetwork() }()

	if err := e.connect(); err != nil {
		return drill.Inconclusive, err.Error(), fmt.Errorf("%w: %w", ErrUp, err)
	}
	start := func(run func(context.Context)) {
		running.Go(func() { run(parts) })
	}
	start(e.watch.run)
	start(e.router.Run)
	for _, k := range e.keepers {
		start(k.run)
	}
	if err := e.awaitServing(ctx); err != nil {
		if ctx.Err() != nil {
			return drill.Aborted, "stopped during bring-up: " + reason(ctx), quiet(ctx)
		}
		return drill.Inconclusive, err.Error(), fmt.Errorf("%w: %w", ErrUp, err)
	}
	start(e.users.Run)
	start(e.sample)
	start(e.takeCommands)
	close(e.ready)

	verdict, why := e.follow(ctx)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errQuit) && !errors.Is(cause, context.Canceled) {
		return drill.Aborted, cause.Error(), cause
	}
	return verdict, why, nil
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
	if keep && e.fleet.Leave() {
		return nil
	}
	e.emit(drill.PhaseEntered{Phase: drill.PhaseTearDown})
	ctx, cancel := context.WithTimeout(context.Background(), tearDownLimit)
	defer cancel()
	if err := e.fleet.Down(ctx); err != nil {
		e.emit(drill.TaskFailed{Task: "tear the fleet down", Error: err.Error(), Next: "run `fleetdrill down`"})
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	e.emit(drill.PhaseEntered{Phase: drill.PhaseEnded})
	return nil
}
