package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/bus"
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
	// auditLimit bounds the reading of every replica's whole contents at the end of a
	// drill by hand.
	auditAllLimit = time.Minute
)

// runner drills: the steady check, then the plan's steps or the operator's commands, then
// the final check.
type runner struct {
	bus      *bus.Bus
	clock    bus.Clock
	limits   []drill.Limit // what the platform can't do
	dispatch *dispatcher
	recovery *recovery
	users    steadyMeter
	stands   *standstills
	// finish has the controllers report what is still open, audit holds every ledger
	// against its authority.
	finish, audit func(context.Context)
}

// steadyMeter measures the share of requests that succeed between start and end.
type steadyMeter interface {
	StartSteady()
	EndSteady() (success float64, requests int)
}

func (r *runner) run(ctx context.Context, plan *drill.Plan) (drill.Verdict, string) {
	if plan == nil {
		return r.byHand(ctx)
	}
	before, err := r.steady(ctx, plan.Steady)
	if err != nil {
		return drill.Aborted, reason(ctx)
	}
	if !before.Met { // nothing that followed would say what a fault does
		why := ""
		r.bus.View(func(s *drill.State) { why = verdict.NotSteady(s) })
		return drill.Inconclusive, why
	}
	r.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseRunning})
	if err := r.guarded(ctx, plan); err != nil {
		switch {
		case errors.Is(err, errAborted):
			r.restoreAll(ctx)
			return drill.Aborted, err.Error()
		case ctx.Err() == nil:
			return drill.Aborted, err.Error()
		}
		return drill.Aborted, reason(ctx)
	}
	r.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseFinal})
	if _, err := r.check(ctx, plan.Steady, "after"); err != nil {
		return drill.Aborted, reason(ctx)
	}
	r.finish(ctx)
	r.audit(ctx)
	return r.judge()
}

// byHand drills until the operator quits.
func (r *runner) byHand(ctx context.Context) (drill.Verdict, string) {
	if _, err := r.steady(ctx, handSteady); err == nil {
		r.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseRunning})
		<-ctx.Done()
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditAllLimit)
	defer cancel()
	r.audit(ending)
	return drill.Inconclusive, "drilled by hand, against no objectives"
}

// steady is the check before the first step. A check that does not hold is made
// again until settleLimit is over: what came up a moment ago may need to settle.
func (r *runner) steady(ctx context.Context, s drill.Steady) (drill.SteadyMeasured, error) {
	r.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseSteady, Limits: r.limits})
	limit := r.clock.Now() + settleLimit
	for {
		for r.recovery.goodFor(r.clock.Now()) < warmUp && r.clock.Now() < limit {
			if err := r.clock.Sleep(ctx, sampleEvery/5); err != nil {
				return drill.SteadyMeasured{}, err
			}
		}
		m, err := r.check(ctx, s, "before")
		if err != nil || m.Met || r.clock.Now() >= limit {
			return m, err
		}
	}
}

// check measures the share of requests that succeed over s.For. One in which this process stood still says nothing and is
// made again.
func (r *runner) check(ctx context.Context, s drill.Steady, when string) (drill.SteadyMeasured, error) {
	var success float64
	var requests int
	limit := r.clock.Now() + settleLimit
	for again := true; again; {
		if r.clock.Now() >= limit { // it stands still again and again: nothing is known
			return drill.SteadyMeasured{When: when, For: s.For}, nil
		}
		r.users.StartSteady()
		began := r.clock.Now()
		if err := r.clock.Sleep(ctx, s.For); err != nil {
			return drill.SteadyMeasured{}, err
		}
		if again = r.stands.stood(began, r.clock.Now()); !again {
			success, requests = r.users.EndSteady()
		}
	}
	m := drill.SteadyMeasured{When: when, Success: success, Requests: requests, For: s.For, Met: requests > 0 && success >= s.Success}
	r.bus.Emit(m)
	return m, nil
}

var errAborted = errors.New("aborted")

// guarded carries out the plan, and ends it when too many requests fail for too long. It
// returns once every step's command is over.
func (r *runner) guarded(ctx context.Context, plan *drill.Plan) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	r.recovery.guard(func() {
		end(fmt.Errorf("%w: fewer than %.0f %% of requests succeeded for %s", errAborted, plan.Abort.SuccessBelow*100, plan.Abort.For))
	})
	defer r.recovery.guard(nil)
	var under sync.WaitGroup
	err := r.steps(ctx, plan, &under)
	under.Wait() // the guard ends these too, and then the drill is aborted
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// steps carries out the plan. A step begins at its time, late by what those before it held
// it up; a command runs on beside the steps after it. Steps of the same moment begin in
// the file's order, and one that works on what an earlier one of them has in use waits for that.
func (r *runner) steps(ctx context.Context, plan *drill.Plan, under *sync.WaitGroup) error {
	began, stood := r.clock.Now(), r.stands.total()
	late := time.Duration(0) // beside the time for which this process stood still, which moves all that follows
	var moment []*work       // begun at the same time
	for i, step := range plan.Steps {
		if i > 0 && step.At != plan.Steps[i-1].At {
			moment = nil
		}
		if err := r.sleepUntil(ctx, began+step.At+late, stood); err != nil {
			return err
		}
		if err := r.awaitShared(ctx, moment, step.Command); err != nil {
			return err
		}
		r.bus.Emit(drill.StepStarted{Index: i})
		due := r.clock.Now() - r.stands.total()
		w := r.dispatch.begin(step.Command, &i)
		if a, _ := action.Find(step.Command.Verb); a.Holds {
			_ = w.run(ctx) // a wait that is not met is told as an event, and the drill goes on
			if ctx.Err() != nil {
				return ctx.Err()
			}
			late += r.clock.Now() - r.stands.total() - due
			continue
		}
		moment = append(moment, w)
		under.Go(func() { _ = w.run(ctx) })
	}
	return r.sleepUntil(ctx, began+plan.End+late, stood)
}

// awaitShared waits for commands that work on what another one needs.
func (r *runner) awaitShared(ctx context.Context, begun []*work, next drill.Command) error {
	needs := &work{uses: action.Uses(r.dispatch.spec, next)}
	for _, w := range begun {
		if !w.shares(needs) {
			continue
		}
		select {
		case <-w.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// restoreAll lifts every fault and cordon that holds.
func (r *runner) restoreAll(ctx context.Context) {
	var todo []drill.Command
	r.bus.View(func(s *drill.State) { todo = action.Lifting(s, "drill") })
	for _, c := range todo {
		_ = r.dispatch.begin(c, nil).run(ctx)
	}
}

// judge emits how each objective was met and returns the verdict.
func (r *runner) judge() (drill.Verdict, string) {
	var judged []drill.ObjectiveJudged
	var outcome drill.Verdict
	var why string
	r.stands.tell()
	r.bus.View(func(s *drill.State) { judged, outcome, why = verdict.Judge(s) })
	for _, o := range judged {
		r.bus.Emit(o)
	}
	return outcome, why
}

// sleepUntil waits for a time of the plan, later by what this process has stood still since stood of it.
func (r *runner) sleepUntil(ctx context.Context, at, stood time.Duration) error {
	for {
		left := at + r.stands.total() - stood - r.clock.Now()
		if left <= 0 {
			return ctx.Err()
		}
		if err := r.clock.Sleep(ctx, left); err != nil {
			return err
		}
	}
}
