package localfleet

import (
	"context"
	"runtime"
)

// nursery starts all children from one thread that lives until close. On Linux the
// signal that a child gets at its parent's death (PR_SET_PDEATHSIG, prctl(2)) comes
// at the death of the thread that forked it, and Go ends threads when it likes.
type nursery struct {
	births chan func()
	ended  chan struct{}
}

func openNursery() *nursery {
	n := &nursery{births: make(chan func()), ended: make(chan struct{})}
	go func() {
		defer close(n.ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread() // all children are dead: the thread may go on without them
		for birth := range n.births {
			birth()
		}
	}()
	return n
}

// do runs birth on the nursery's thread and returns once it is done.
func (n *nursery) do(ctx context.Context, birth func() error) error {
	done := make(chan error, 1)
	select {
	case n.births <- func() { done <- birth() }:
		return <-done // a fork is not left half-way
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// close ends the thread's hold. No child may be alive, and no do under way.
func (n *nursery) close() {
	close(n.births)
	<-n.ended
}
