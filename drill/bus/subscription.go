package bus

import (
	"context"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill"
)

// subscription keeps what one reader has not read yet.
type subscription struct {
	out  chan []drill.Event
	ring chan struct{} // has one item while there is something to do

	mu   sync.Mutex
	wait []drill.Event
	done bool
}

func newSubscription() *subscription {
	return &subscription{out: make(chan []drill.Event), ring: make(chan struct{}, 1)}
}

func (s *subscription) push(ev drill.Event) {
	s.mu.Lock()
	s.wait = append(s.wait, ev)
	s.mu.Unlock()
	s.wake()
}

func (s *subscription) finish() {
	s.mu.Lock()
	s.done = true
	s.mu.Unlock()
	s.wake()
}

func (s *subscription) wake() {
	select {
	case s.ring <- struct{}{}:
	default:
	}
}

// pump hands the reader batch after batch until the subscription is finished, or ctx ends.
func (s *subscription) pump(ctx context.Context) {
	defer close(s.out)
	for {
		select {
		case <-s.ring:
		case <-ctx.Done():
			return
		}
		s.mu.Lock()
		batch, done := s.wait, s.done
		s.wait = nil
		s.mu.Unlock()
		if len(batch) > 0 {
			select {
			case s.out <- batch:
			case <-ctx.Done():
				return
			}
		}
		if done {
			return
		}
	}
}
