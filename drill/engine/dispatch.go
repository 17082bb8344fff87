package engine

import (
	"context"
	"errors"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/conflict"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// dispatcher carries out commands, whatever they are: their actions know how.
type dispatcher struct {
	bus  *bus.Bus
	ids  *bus.IDs
	spec topology.Fleet
	rig  action.Rig // without what belongs to one command
	used inUse
}

// work is one command that was taken.
type work struct {
	d       *dispatcher
	id      int
	command runbook.Command
	uses    []conflict.Use
	after   []*work // what it waits for
	part    bool    // of another command
	blocked *work   // what has in use what it needs, where it does not wait; nil where nothing has
	done    chan struct{}
	proof   string // once it is done
}

// begin numbers a command, reserves what it works on, and says that it is taken; step is
// the index of the plan's step that it carries out. Run must be called once.
//
// A step waits for whatever it can't be carried out beside, so that a plan is done in its file's
// order. What a person sends is refused then, but where it takes the newest of that back.
func (d *dispatcher) begin(c runbook.Command, step *int) *work {
	return d.take(c, step, func(last *work) bool { return step != nil || conflict.Undoes(d.spec, c, last.command) })
}

// part begins a command that is a part of another one: it waits for its turn.
func (d *dispatcher) part(c runbook.Command) *work {
	w := d.take(c, nil, func(*work) bool { return true })
	w.part = true
	return w
}

func (d *dispatcher) take(c runbook.Command, step *int, waits func(last *work) bool) *work {
	w := &work{d: d, id: d.ids.Command(), command: c, uses: conflict.Uses(d.spec, c), done: make(chan struct{})}
	d.used.take(w, waits)
	taken := drill.CommandTaken{ID: w.id, Command: c, Step: step, Effect: action.EffectOf(d.spec, c)}
	if n := len(w.after); n > 0 {
		taken.After = w.after[n-1].id
	}
	d.bus.Emit(taken)
	return w
}

// run carries the command out and emits what came of it.
func (w *work) run(ctx context.Context) error {
	defer close(w.done)
	proof, err := w.do(ctx)
	// What it worked on is free before anybody can know that it is done.
	w.d.used.free(w)
	if err == nil {
		w.proof = proof.Text
		w.d.bus.Emit(drill.CommandDone{ID: w.id, Command: w.command, Proof: proof.Text})
		return nil
	}
	out := drill.CommandFailed{ID: w.id, Command: w.command, Error: err.Error()}
	var refused *rule.Refusal
	var failed *port.Failure
	switch {
	case errors.As(err, &refused):
		out.Refused, out.Error, out.Next = true, refused.Why, refused.Next
	case errors.As(err, &failed):
		out.Next = failed.Next
	}
	w.d.bus.Emit(out)
	return err
}

// do is check, prediction, action and proof. Nothing is begun once ctx is over.
func (w *work) do(ctx context.Context) (port.Proof, error) {
	if ctx.Err() != nil {
		return port.Proof{}, port.ErrStopped
	}
	if w.blocked != nil {
		return port.Proof{}, conflict.UnderWay(w.blocked.id, w.blocked.command)
	}
	for _, before := range w.after {
		select {
		case <-before.done:
		case <-ctx.Done():
			return port.Proof{}, port.ErrStopped
		}
	}
	if len(w.after) > 0 {
		w.d.bus.Emit(drill.CommandBegun{ID: w.id})
	}
	var refused *rule.Refusal
	var impact runbook.Impact
	var predicted bool
	w.d.bus.View(func(s *drill.State) {
		if refused = action.Check(s, w.command); refused == nil {
			impact, predicted = action.Predict(s, w.command)
		}
	})
	if refused != nil {
		return port.Proof{}, refused
	}
	if predicted && !w.part {
		w.d.bus.Emit(drill.ImpactPredicted{ID: w.id, Impact: impact})
	}
	a, _ := action.Find(w.command.Verb)
	rig := w.d.rig
	rig.ID, rig.Part = w.id, w.part
	rig.Run = func(ctx context.Context, c runbook.Command) error { return w.d.part(c).run(ctx) }
	return a.Do(ctx, rig, w.command)
}
