package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// handSteady is the steady check of a drill by hand: long enough to know each
// population's p99, short enough not to keep an operator waiting.
var handSteady = drill.Steady{For: 3 * time.Second, Success: 0.99}

const (
	// warmUp is how long requests must have succeeded before a steady check begins,
	// so that the first connections' handshakes are not taken for the steady latency.
	warmUp = time.Second
	// settleLimit is how long a fleet that has just come up may take until a steady
	// check holds: a new cluster is busy with itself for most of a minute.
	settleLimit = 90 * time.Second
)

// follow drills: the steady check, then the plan's steps or the operator's
// commands, then the final check.
func (e *Engine) follow(ctx context.Context) (drill.Verdict, string) {
	plan := e.cfg.Plan
	if plan == nil {
		return e.byHand(ctx)
	}
	before, err := e.steady(ctx, plan.Steady)
	if err != nil {
		return drill.Aborted, reason(ctx)
	}
	if !before.Met {
		return drill.Inconclusive, fmt.Sprintf("not steady before the first step: %.2f %% of %d requests succeeded, %.2f %% are asked for",
			before.Success*100, before.Requests, plan.Steady.Success*100)
	}
	e.emit(drill.PhaseEntered{Phase: drill.PhaseRunning})
	steps, end := context.WithCancelCause(ctx)
	defer end(nil)
	go e.guard(steps, end)
	if err := e.steps(steps, plan); err != nil {
		if errors.Is(context.Cause(steps), errAborted) {
			e.restoreAll(ctx)
			return drill.Aborted, context.Cause(steps).Error()
		}
		if ctx.Err() == nil {
			return drill.Aborted, err.Error()
		}
		return drill.Aborted, reason(ctx)
	}
	end(nil)
	e.emit(drill.PhaseEntered{Phase: drill.PhaseFinal})
	if _, err := e.check(ctx, plan.Steady, "after"); err != nil {
		return drill.Aborted, reason(ctx)
	}
	for _, k := range e.keepers {
		k.tellAll(ctx)
	}
	e.auditAll(ctx)
	return e.judge()
}

// byHand drills until the operator quits.
func (e *Engine) byHand(ctx context.Context) (drill.Verdict, string) {
	if _, err := e.steady(ctx, handSteady); err == nil {
		e.emit(drill.PhaseEntered{Phase: drill.PhaseRunning})
		<-ctx.Done()
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditLimit)
	defer cancel()
	e.auditAll(ending)
	return drill.Inconclusive, "drilled by hand, against no objectives"
}

// steady is the check before the first step. A check that does not hold is made
// again until settleLimit is over: what came up a moment ago may need to settle.
func (e *Engine) steady(ctx context.Context, s drill.Steady) (drill.SteadyMeasured, error) {
	e.emit(drill.PhaseEntered{Phase: drill.PhaseSteady})
	limit := e.now() + settleLimit
	for {
		for e.mend.goodFor(e.now()) < warmUp && e.now() < limit {
			if err := sleep(ctx, sampleEvery/5); err != nil {
				return drill.SteadyMeasured{}, err
			}
		}
		m, err := e.check(ctx, s, "before")
		if err != nil || m.Met || e.now() >= limit {
			return m, err
		}
	}
}

// check measures the share of requests that succeed over s.For.
func (e *Engine) check(ctx context.Context, s drill.Steady, when string) (drill.SteadyMeasured, error) {
	e.users.StartSteady()
	if err := sleep(ctx, s.For); err != nil {
		return drill.SteadyMeasured{}, err
	}
	success, requests := e.users.EndSteady()
	m := drill.SteadyMeasured{When: when, Success: success, Requests: requests, For: s.For, Met: requests > 0 && success >= s.Success}
	e.emit(m)
	return m, nil
}

// steps carries out the plan. A step begins at its time, late by what the waits
// before it took; a command runs on beside the steps after it.
func (e *Engine) steps(ctx context.Context, plan *drill.Plan) error {
	began := e.now()
	late := time.Duration(0)
	for i, step := range plan.Steps {
		if err := e.sleepUntil(ctx, began+step.At+late); err != nil {
			return err
		}
		e.emit(drill.StepStarted{Index: i})
		if step.Command.Verb == drill.VerbWait {
			due := e.now()
			if err := e.wait(ctx, step.Command); err != nil {
				return err
			}
			late += e.now() - due
			continue
		}
		if err := e.Send(step.Command); err != nil {
			return err
		}
	}
	return e.sleepUntil(ctx, began+plan.End+late)
}

// wait holds the steps until the fleet is recovered (every fault so far is
// recovered from and no command is under way) or steady (that, and every
// region that was not taken away serves).
func (e *Engine) wait(ctx context.Context, c drill.Command) error {
	id := e.orders.command()
	e.emit(drill.CommandTaken{ID: id, Command: c})
	limit := e.now() + waitLimit
	for !e.quietNow() || (c.For == drill.WaitSteady && !e.whole()) {
		if e.now() > limit {
			e.emit(drill.CommandFailed{ID: id, Command: c, Error: fmt.Sprintf("not %s within %s", c.For, waitLimit), Next: "the drill goes on with its next step"})
			return nil
		}
		if err := sleep(ctx, sampleEvery/5); err != nil {
			return err
		}
	}
	e.emit(drill.CommandDone{ID: id, Command: c})
	return nil
}

// waitLimit bounds one wait: a killed kind region was back within 40 s where it
// was measured; a drill must end on a machine that is five times slower.
const waitLimit = 5 * time.Minute

func (e *Engine) quietNow() bool { return e.orders.idle() && e.mend.calm() }

// whole reports whether every region serves and every replica is current,
// leaving out what a fault or a cordon holds away.
func (e *Engine) whole() bool {
	whole := true
	held := map[string]bool{}
	e.view(func(s *drill.State) {
		for _, r := range s.Regions {
			held[r.Spec.Name] = r.Fault != nil || r.Cordoned
			if !held[r.Spec.Name] && (r.Up == nil || !*r.Up) {
				whole = false
			}
		}
		for _, r := range s.Rejoins {
			if r.Done == nil {
				whole = false
			}
		}
	})
	for _, k := range e.keepers {
		whole = whole && k.gathered(held)
	}
	return whole
}

var errAborted = errors.New("aborted")

// guard ends the steps when too many requests fail for too long.
func (e *Engine) guard(ctx context.Context, end context.CancelCauseFunc) {
	abort := e.cfg.Plan.Abort
	if abort.For == 0 {
		return
	}
	for sleep(ctx, sampleEvery) == nil {
		if since, low := e.mend.lowSince(); low && e.now()-since >= abort.For {
			end(fmt.Errorf("%w: fewer than %.0f %% of requests succeeded for %s", errAborted, abort.SuccessBelow*100, abort.For))
			return
		}
	}
}

// restoreAll lifts every fault and cordon that holds.
func (e *Engine) restoreAll(ctx context.Context) {
	var todo []drill.Command
	e.view(func(s *drill.State) {
		for _, r := range s.Regions {
			if r.Fault != nil {
				todo = append(todo, drill.Command{Verb: drill.VerbRestore, Region: r.Spec.Name, By: "drill"})
			}
			if r.Cordoned {
				todo = append(todo, drill.Command{Verb: drill.VerbUncordon, Region: r.Spec.Name, By: "drill"})
			}
		}
		for _, f := range s.Partitions() {
			todo = append([]drill.Command{f.Heal("drill")}, todo...)
		}
	})
	for _, c := range todo {
		e.obey(ctx, c)
	}
}

// auditAll holds the ledger of every dataset against its authority, at the end.
func (e *Engine) auditAll(ctx context.Context) {
	for _, k := range e.keepers {
		if lead, _ := k.leader(); lead != "" {
			k.audit(ctx, lead, occasion{why: drill.CheckedAtEnd})
		}
	}
}

// judge emits how each objective was met and returns the verdict.
func (e *Engine) judge() (drill.Verdict, string) {
	var judged []drill.ObjectiveJudged
	var outcome drill.Verdict
	var why string
	e.view(func(s *drill.State) { judged, outcome, why = verdict.Judge(s) })
	for _, o := range judged {
		e.emit(o)
	}
	return outcome, why
}

func (e *Engine) sleepUntil(ctx context.Context, at time.Duration) error {
	return sleep(ctx, at-e.now())
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
