package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/readiness/requirement"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

const (
	// warmUp is how long requests must have succeeded before a steady check begins,
	// so that the first connections' handshakes are not taken for the steady latency.
	warmUp = time.Second
	// settleLimit is how long a fleet that has just come up may take until a steady
	// check holds: a new cluster is busy with itself for most of a minute.
	settleLimit = 90 * time.Second
	// copyLimit is how long a replica that is copied may stand still before the steady check
	// waits for it no longer: as long as the copy itself waits for bytes.
	copyLimit = 30 * time.Second
	// returnLimit is how long a fleet may take to come back once a drill was called off and its
	// faults were lifted: resolvers keep an answer for their TTL, commonly up to a minute for
	// failover records, and replicas copy what they missed. A choice.
	returnLimit = time.Minute
	// requireLimit is how long what a plan requires may still not be so once the fleet is steady: a lag is gone after
	// a few samples, or it stays. A choice.
	requireLimit = 10 * time.Second
	// auditAllLimit bounds the reading of every replica's whole contents at the end of a
	// drill by hand.
	auditAllLimit = time.Minute
)

// runner drills: the steady check, then the plan's steps or the operator's commands, then
// the final check.
type runner struct {
	bus      *bus.Bus
	clock    bus.Clock
	limits   []runbook.Limit // what the platform can't do
	dispatch *dispatcher
	recovery *recovery
	users    steadyMeter
	stands   *standstills
	// finish has the controllers report what is still open, audit holds every ledger
	// against its authority.
	finish, audit func(context.Context)
	// quiet ends the users and samples what they did last, so that traffic and ledgers are
	// counted up to one moment.
	quiet func()
	// missing says which replicas have not all of their data yet, and how many bytes all hold.
	missing func() (what []string, bytes int64)
}

// steadyMeter measures the share of requests that succeed between start and end.
type steadyMeter interface {
	StartSteady()
	EndSteady() (success float64, requests int, unserved []string)
}

func (r *runner) run(ctx context.Context, plan *runbook.Plan) (drill.Verdict, string) {
	if plan == nil {
		return r.byHand(ctx)
	}
	before, err := r.steady(ctx, plan.Steady, plan.Require, r.missing)
	if err != nil {
		return drill.Aborted, reason(ctx)
	}
	if !before.Met { // nothing that followed would say what a fault does
		why := ""
		r.bus.View(func(s *drill.State) { why = verdict.NotSteady(s) })
		return drill.Inconclusive, why
	}
	if err := r.thresholds(ctx); err != nil {
		return drill.Aborted, reason(ctx)
	}
	r.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseRunning})
	if err := r.guarded(ctx, plan); err != nil {
		switch {
		case errors.Is(err, errAborted):
			return drill.Aborted, err.Error() + r.callOff(ctx)
		case ctx.Err() == nil:
			return drill.Aborted, err.Error()
		}
		return drill.Aborted, reason(ctx)
	}
	r.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseFinal})
	if _, err := r.check(ctx, plan.Steady, "after", nil); err != nil {
		return drill.Aborted, reason(ctx)
	}
	r.finish(ctx)
	r.quiet()
	r.audit(ctx)
	return r.judge()
}

// byHand drills until the operator quits.
func (r *runner) byHand(ctx context.Context) (drill.Verdict, string) {
	if _, err := r.steady(ctx, runbook.HandSteady, nil, func() ([]string, int64) { return nil, 0 }); err == nil && r.thresholds(ctx) == nil {
		r.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseRunning})
		<-ctx.Done()
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditAllLimit)
	defer cancel()
	r.quiet()
	r.audit(ending)
	return drill.Inconclusive, verdict.ByHand
}

// steady is the check before the first step, once every replica has its data, as whole says:
// those that have not, and how many bytes are there. A check that does not hold is made
// again until settleLimit is over: what came up a moment ago may need to settle. Where only what the plan requires is not so, it
// is made again for requireLimit.
func (r *runner) steady(ctx context.Context, s runbook.Steady, required *runbook.Require, whole func() ([]string, int64)) (drill.SteadyMeasured, error) {
	r.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseSteady, Limits: r.limits})
	limit := r.clock.Now() + settleLimit
	// A replica that is copied over a narrow link takes as long as that goes on.
	missing, held := whole()
	bounded := false
	for {
		for (r.recovery.goodFor(r.clock.Now()) < warmUp || len(missing) > 0) && r.clock.Now() < limit {
			if err := r.clock.Sleep(ctx, sampleEvery/5); err != nil {
				return drill.SteadyMeasured{}, err
			}
			if len(missing) == 0 {
				continue
			}
			var now int64
			if missing, now = whole(); len(missing) > 0 && now > held {
				limit, held = max(limit, r.clock.Now()+copyLimit), now
			}
		}
		m, err := r.check(ctx, s, "before", required, missing...)
		if len(m.Unmet) > 0 && m.Success >= s.Success && len(m.Missing) == 0 && !bounded {
			limit, bounded = min(limit, r.clock.Now()+requireLimit), true
		}
		if err != nil || m.Met || r.clock.Now() >= limit {
			return m, err
		}
	}
}

// check measures the share of requests that succeed over s.For. One in which this process stood still says nothing and is
// made again.
func (r *runner) check(ctx context.Context, s runbook.Steady, when string, required *runbook.Require, missing ...string) (drill.SteadyMeasured, error) {
	var success float64
	var requests int
	var unserved []string
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
			success, requests, unserved = r.users.EndSteady()
		}
	}
	for _, population := range unserved {
		missing = append(slices.Clip(missing), "nobody of "+population+" was served")
	}
	m := drill.SteadyMeasured{When: when, Success: success, Requests: requests, For: s.For, Met: requests > 0 && success >= s.Success && len(missing) == 0, Missing: missing}
	if required != nil {
		r.bus.View(func(s *drill.State) { m.Unmet = requirement.Unmet(s, *required) })
		m.Met = m.Met && len(m.Unmet) == 0
	}
	r.bus.Emit(m)
	return m, nil
}

// thresholds waits for the first sample that says from which latency on a user counts as affected: what is predicted
// of the first step goes by it. A population that nobody asked for yet has none.
func (r *runner) thresholds(ctx context.Context) error {
	for limit := r.clock.Now() + 2*sampleEvery; r.clock.Now() < limit; {
		known := true
		r.bus.View(func(s *drill.State) {
			for _, p := range s.Populations {
				known = known && p.Last != nil && (p.Last.Slow != nil || p.Last.TotalMax == nil)
			}
		})
		if known {
			break
		}
		if err := r.clock.Sleep(ctx, sampleEvery/5); err != nil {
			return err
		}
	}
	return nil
}

// errAborted is what an overrun is.
var errAborted = errors.New("aborted")

// overrun is the abort limit that ended a drill. It does not say the verdict's word again.
type overrun struct{ drill.LimitCrossed }

// Error is what was past it.
func (e overrun) Error() string { return e.Why }

// Is makes it errAborted.
func (overrun) Is(target error) bool { return target == errAborted }

// guarded carries out the plan, and ends it when one of its abort limits is crossed. It
// returns once every step's command is over.
func (r *runner) guarded(ctx context.Context, plan *runbook.Plan) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	r.recovery.guard(func(what drill.LimitCrossed) {
		r.bus.Emit(what)
		end(overrun{what})
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
// it up; a command runs on beside the steps after it. They are taken in the file's order: one
// that can't be carried out beside an earlier one waits for that, and holds up no other.
func (r *runner) steps(ctx context.Context, plan *runbook.Plan, under *sync.WaitGroup) error {
	began, stood := r.clock.Now(), r.stands.total()
	late := time.Duration(0) // beside the time for which this process stood still, which moves all that follows
	for i, step := range plan.Steps {
		if err := r.sleepUntil(ctx, began+step.At+late, stood); err != nil {
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
		under.Go(func() { _ = w.run(ctx) })
	}
	return r.sleepUntil(ctx, began+plan.End+late, stood)
}

// restoreAll lifts every fault and cordon that holds, also one that comes to hold meanwhile:
// what is left to lift is asked for after each step. What can't be lifted is tried again
// once something else was.
func (r *runner) restoreAll(ctx context.Context) {
	failed := map[runbook.Command]bool{}
	todo := r.toLift()
	for ctx.Err() == nil {
		i := slices.IndexFunc(todo, func(c runbook.Command) bool { return !failed[c] })
		if i < 0 {
			return
		}
		c := todo[i]
		_ = r.dispatch.part(c).run(ctx) // after whatever works on the same
		before := len(todo)
		if todo = r.toLift(); slices.Contains(todo, c) {
			failed[c] = true
		} else if len(todo) < before {
			clear(failed)
		}
	}
}

func (r *runner) toLift() (todo []runbook.Command) {
	r.bus.View(func(s *drill.State) { todo = action.Lifting(s, runbook.ByDrill) })
	return todo
}

// callOff ends a drill early: it lifts all that holds, looks whether the fleet comes back
// from that, checks the ledgers, and says so, as what follows the reason of the abort.
func (r *runner) callOff(ctx context.Context) string {
	r.restoreAll(ctx)
	began := r.clock.Now()
	steady, err := action.Return(ctx, r.dispatch.rig, returnLimit)
	if err != nil {
		return "; whether the fleet came back is not known: " + reason(ctx)
	}
	came := drill.FleetReturned{Returned: steady, After: r.clock.Now() - began}
	if !steady {
		replicas, _ := r.missing()
		r.bus.View(func(s *drill.State) { came.Missing = measure.Lacking(s, replicas) })
	}
	r.bus.Emit(came)
	r.bus.Emit(drill.PhaseEntered{Phase: drill.PhaseFinal})
	r.finish(ctx)
	r.quiet()
	r.audit(ctx)
	return "; " + format.Returned(came)
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
