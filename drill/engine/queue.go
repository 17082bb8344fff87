package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/action/conflict"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// queue takes commands from people and hands them on in their order.
type queue struct {
	commands chan asked
	ready    chan struct{} // closed once commands are taken

	mu   sync.Mutex
	over bool // no command is taken any more
}

// asked is a command that waits, and who is told what came of it; nil for nobody.
type asked struct {
	command runbook.Command
	answer  chan<- reply
}

// reply is what came of a command: its number and proof, or why not.
type reply struct {
	id    int
	proof string
	err   error
}

// queueLimit is how many commands may wait: more than a person types.
const queueLimit = 64

func newQueue() *queue {
	return &queue{commands: make(chan asked, queueLimit), ready: make(chan struct{})}
}

// put adds a command. It fails before run has begun, once run ends, and when too many wait
// already. What it took is answered by events, whenever the drill ends, and to answer, which has
// room for it, or is nil.
func (q *queue) put(c runbook.Command, answer chan<- reply) error {
	select {
	case <-q.ready:
	default:
		return fmt.Errorf("%s: the fleet is not up yet", c)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return fmt.Errorf("%s: the drill is over", c)
	}
	select {
	case q.commands <- asked{c, answer}:
		return nil
	default:
		return fmt.Errorf("%s: %d commands wait already", c, cap(q.commands))
	}
}

// run begins each command in its turn, and carries it out beside the ones after it, until
// ctx ends; then those that still wait fail as stopped, and it waits for those under way.
func (q *queue) run(ctx context.Context, d *dispatcher) {
	close(q.ready)
	q.take(ctx, d)
}

// take is run once commands are taken.
func (q *queue) take(ctx context.Context, d *dispatcher) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		select {
		case <-ctx.Done():
			q.drain(ctx, d)
			return
		case c := <-q.commands:
			w := d.begin(c.command, nil)
			all.Go(func() { c.end(ctx, w) })
		}
	}
}

// drain takes no more commands, and has those that were taken answered: ctx is over, so
// they fail as stopped.
func (q *queue) drain(ctx context.Context, d *dispatcher) {
	q.mu.Lock()
	q.over = true
	q.mu.Unlock()
	for {
		select {
		case c := <-q.commands:
			c.end(ctx, d.begin(c.command, nil))
		default:
			return
		}
	}
}

// end carries the command out and tells who asked.
func (a asked) end(ctx context.Context, w *work) {
	err := w.run(ctx)
	if a.answer != nil {
		a.answer <- reply{id: w.id, proof: w.proof, err: err}
	}
}

// inUse is the commands under way and those that wait for them, in the order in which they
// were taken. Its zero value is ready.
type inUse struct {
	mu   sync.Mutex
	held []*work
}

// take has a command wait for all before it that it can't be carried out beside; one that may
// not wait is blocked by the newest of them instead.
func (u *inUse) take(w *work, waits func(last *work) bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	var before []*work
	for _, other := range u.held {
		if conflict.Disturb(other.uses, w.uses) {
			before = append(before, other)
		}
	}
	if n := len(before); n > 0 && !waits(before[n-1]) {
		w.blocked = before[n-1]
		return
	}
	w.after = before
	u.held = append(u.held, w)
}

func (u *inUse) free(w *work) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.held = slices.DeleteFunc(u.held, func(other *work) bool { return other == w })
}
