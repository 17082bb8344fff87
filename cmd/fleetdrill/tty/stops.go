package tty

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// oneStop is the span in which signals are one wish: a shell and the kernel both tell a
	// program that its terminal was closed, and whoever starts programs passes a signal on
	// that reached it too, some 50 ms later where that was measured.
	oneStop = 500 * time.Millisecond
	// wordsGrace is how long a command that has nothing to take down may take to end with
	// words of its own before it is ended.
	wordsGrace = 500 * time.Millisecond
	// forceGrace is how long the screen may take to give the terminal back when a
	// person does not wait for the fleet to go.
	forceGrace = time.Second
)

// requests tells a second request to stop from the first one that is told twice. The zero
// value has heard nothing.
type requests struct {
	heard bool
	first time.Time
}

// second reports whether a signal, at a time, is a request of its own.
func (r *requests) second(sig os.Signal, at time.Time) bool {
	if !r.heard {
		r.heard, r.first = true, at
		return false
	}
	// A terminal closes once, however often that is told.
	return sig != syscall.SIGHUP && at.Sub(r.first) >= oneStop
}

// Stops turns signals into an orderly end.
type Stops struct {
	context.Context               // ends with the first signal
	forced          chan struct{} // is closed when a person does not wait for the end
	// begun says that something is there which has to be taken down.
	begun atomic.Bool
	once  sync.Once
	ended chan struct{}
	heard chan os.Signal
}

// stopSignals are the signals that end the program: not those that whoever started it had
// ignored, as nohup does.
func stopSignals(ignored func(os.Signal) bool) []os.Signal {
	var out []os.Signal
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !ignored(sig) {
			out = append(out, sig)
		}
	}
	return out
}

// Ending ends the program at once where its own end can't be waited for. left says that a fleet
// may be left.
type Ending func(left bool)

// Watch begins to listen: the first signal calls cancel, which ends ctx.
func Watch(ctx context.Context, cancel func(), exit Ending) *Stops {
	s := &Stops{Context: ctx, forced: make(chan struct{}), ended: make(chan struct{}), heard: make(chan os.Signal, 8)}
	if list := stopSignals(signal.Ignored); len(list) > 0 {
		signal.Notify(s.heard, list...)
	}
	// Whoever reads what we print may go. That is an error of the write, and not the end of
	// a program with a fleet.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	go s.watch(cancel, exit)
	return s
}

func (s *Stops) watch(cancel func(), exit Ending) {
	var asked requests
	var idle <-chan time.Time
	for {
		select {
		case sig := <-s.heard:
			if asked.second(sig, time.Now()) {
				s.force(exit)
				return
			}
			cancel()
			if idle == nil && !s.begun.Load() {
				idle = time.After(wordsGrace)
			}
		case <-idle:
			if !s.begun.Load() {
				exit(false)
				return
			}
		case <-s.ended:
			return
		}
	}
}

// force ends the program for a person who does not wait.
func (s *Stops) force(exit Ending) {
	if !s.begun.Load() {
		exit(false)
		return
	}
	close(s.forced)
	select {
	case <-s.ended:
	case <-time.After(forceGrace):
		exit(true)
	}
}

// Begin says that from here on something is there that has to be taken down: the first signal
// does that, and no longer ends the program by itself.
func (s *Stops) Begin() { s.begun.Store(true) }

// End ends listening.
func (s *Stops) End() {
	s.once.Do(func() { close(s.ended) })
	signal.Stop(s.heard)
}

// Forced is closed when a person does not wait for the end.
func (s *Stops) Forced() <-chan struct{} { return s.forced }
