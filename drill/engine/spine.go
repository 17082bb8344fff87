package engine

import (
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// spine is the one way up: every event is numbered, journalled, applied to the
// state and handed to the subscribers, in that order and under one lock, so that
// all of them see the same drill.
type spine struct {
	wall    func() time.Time
	started time.Time
	journal Journal
	broken  func(error)

	mu     sync.Mutex
	seq    uint64
	failed bool
	state  *drill.State
	subs   []*subscription
	closed bool
}

func newSpine(wall func() time.Time, journal Journal, broken func(error)) *spine {
	return &spine{wall: wall, started: wall(), journal: journal, broken: broken, state: drill.NewState()}
}

// now is the engine's clock: the time since it was made.
func (s *spine) now() time.Duration { return s.wall().Sub(s.started) }

// emit makes an event of a body. After the journal has failed once, events still
// reach the state and the screen, so that the operator sees why the drill stops.
func (s *spine) emit(b drill.Body) drill.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	at := s.wall()
	ev := drill.Event{Seq: s.seq, At: at.Round(0), T: at.Sub(s.started), Body: b}
	if !s.failed {
		if err := s.journal.Append(ev); err != nil {
			s.failed = true
			go s.broken(err)
		}
	}
	s.state.Apply(ev)
	for _, sub := range s.subs {
		sub.push(ev)
	}
	return ev
}

// view calls look with the state, which must not be kept or changed.
func (s *spine) view(look func(*drill.State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(s.state)
}

// Subscribe returns every event from now on, in batches: subscribe before Run to
// get them all. The channel is closed when the drill is over. A slow reader slows nobody: what it has not
// read waits for it.
func (s *spine) Subscribe() <-chan []drill.Event {
	sub := &subscription{out: make(chan []drill.Event), bell: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		close(sub.out)
		return sub.out
	}
	s.subs = append(s.subs, sub)
	go sub.pump()
	return sub.out
}

// close ends every subscription once it has been read to its end.
func (s *spine) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, sub := range s.subs {
		sub.finish()
	}
}

type subscription struct {
	out  chan []drill.Event
	bell chan struct{}

	mu   sync.Mutex
	wait []drill.Event
	done bool
}

func (s *subscription) push(ev drill.Event) {
	s.mu.Lock()
	s.wait = append(s.wait, ev)
	s.mu.Unlock()
	s.ring()
}

func (s *subscription) finish() {
	s.mu.Lock()
	s.done = true
	s.mu.Unlock()
	s.ring()
}

func (s *subscription) ring() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

func (s *subscription) pump() {
	defer close(s.out)
	for range s.bell {
		s.mu.Lock()
		batch, done := s.wait, s.done
		s.wait = nil
		s.mu.Unlock()
		if len(batch) > 0 {
			s.out <- batch
		}
		if done {
			return
		}
	}
}
