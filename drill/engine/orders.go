package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill"
)

// orders numbers commands, faults and moves, and keeps two commands from
// working on the same region or dataset at once.
type orders struct {
	mu                                 sync.Mutex
	commands, faults, failovers, moves int
	busy                               map[string]drill.Command
	open                               int // commands sent and not done
}

func newOrders() *orders { return &orders{busy: map[string]drill.Command{}} }

func (o *orders) next(n *int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	*n++
	return *n
}

func (o *orders) command() int  { return o.next(&o.commands) }
func (o *orders) fault() int    { return o.next(&o.faults) }
func (o *orders) failover() int { return o.next(&o.failovers) }
func (o *orders) move() int     { return o.next(&o.moves) }

// take reserves what the command works on; it returns the command that has it
// already, if any.
func (o *orders) take(c drill.Command) (drill.Command, bool) {
	key := subject(c)
	o.mu.Lock()
	defer o.mu.Unlock()
	if other, taken := o.busy[key]; taken && key != "" {
		return other, false
	}
	if key != "" {
		o.busy[key] = c
	}
	return drill.Command{}, true
}

func (o *orders) done(c drill.Command) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.busy, subject(c))
}

// opened counts commands from the moment they are sent until they are done.
func (o *orders) opened(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open += n
}

// idle reports whether no command waits or is under way.
func (o *orders) idle() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.open == 0
}

func subject(c drill.Command) string {
	switch {
	case c.Verb == drill.VerbPartition || c.Verb == drill.VerbHeal:
		return "links" // one at a time: which of two cut a link first would be a matter of luck
	case c.Dataset != "":
		return "dataset " + c.Dataset
	case c.Region != "":
		return "region " + c.Region
	default:
		return ""
	}
}

// takeCommands carries out what Send was given, each command on its own, until
// ctx ends; then it waits for those under way.
func (e *Engine) takeCommands(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-e.commands:
			all.Go(func() {
				defer e.orders.opened(-1)
				e.obey(ctx, c)
			})
		}
	}
}

// obey carries out one command and emits what came of it. It reports whether
// the command took effect.
func (e *Engine) obey(ctx context.Context, c drill.Command) bool {
	id := e.orders.command()
	e.emit(drill.CommandTaken{ID: id, Command: c})
	out := e.execute(ctx, id, c)
	if out.err != nil {
		e.emit(drill.CommandFailed{ID: id, Command: c, Refused: out.refused, Error: out.err.Error(), Next: out.next})
		return false
	}
	e.emit(drill.CommandDone{ID: id, Command: c, Proof: out.proof})
	return true
}

func (e *Engine) execute(ctx context.Context, id int, c drill.Command) outcome {
	if other, ok := e.orders.take(c); !ok {
		return refuse("wait until it is done", fmt.Errorf("%s is under way", other))
	}
	defer e.orders.done(c)
	switch c.Verb {
	case drill.VerbNote:
		e.emit(drill.NoteWritten{By: c.By, Text: c.Text})
		return outcome{}
	case drill.VerbPromote, drill.VerbSwitchover, drill.VerbForce, drill.VerbMode, drill.VerbReseed:
		return e.askController(ctx, c)
	case drill.VerbPartition:
		return e.partition(ctx, id, c)
	case drill.VerbHeal:
		return e.heal(ctx, c)
	}
	if !e.cfg.Spec.Has(c.Region) {
		return refuse(fmt.Sprintf("the regions are %v", e.cfg.Spec.RegionNames()), fmt.Errorf("there is no region %q", c.Region))
	}
	switch c.Verb {
	case drill.VerbKill:
		return e.kill(ctx, id, c)
	case drill.VerbFreeze:
		return e.freeze(ctx, id, c)
	case drill.VerbRestore:
		return e.restore(ctx, c.Region)
	case drill.VerbCordon:
		return e.cordon(ctx, id, c)
	case drill.VerbUncordon:
		return e.uncordon(ctx, c.Region)
	default:
		return refuse("", fmt.Errorf("%q is no command", c.Verb))
	}
}

// askController hands a command to the dataset's controller and waits for its answer.
func (e *Engine) askController(ctx context.Context, c drill.Command) outcome {
	k := e.controllers[c.Dataset]
	if k == nil {
		return refuse("", fmt.Errorf("there is no dataset %q", c.Dataset))
	}
	return commanded(k.Command(ctx, c))
}

var errStopped = errors.New("the drill was stopped first")
