package below

import (
	"context"
	"runtime"
)

// Spawner starts all children from one thread that lives until Close. On Linux the
// signal that a child gets at its parent's death (PR_SET_PDEATHSIG, prctl(2)) comes
// at the death of the thread that forked it, and Go ends threads when it likes.
type Spawner struct {
	starts chan func()
	ended  chan struct{}
}

// OpenSpawner begins the thread; the caller Closes.
func OpenSpawner() *Spawner {
	s := &Spawner{starts: make(chan func()), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread() // all children are dead: the thread may go on without them
		for start := range s.starts {
			start()
		}
	}()
	return s
}

// Do runs start on the thread and returns once it is done.
func (s *Spawner) Do(ctx context.Context, start func() error) error {
	done := make(chan error, 1)
	select {
	case s.starts <- func() { done <- start() }:
		return <-done // a fork is not left half-way
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Close ends the thread's hold. No child may be alive, and no do under way.
func (s *Spawner) Close() {
	close(s.starts)
	<-s.ended
}
