package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// SilentProbe probes a region one probe after the other while it is being frozen, so
// that the time the engine takes for it counts as silence already.
type SilentProbe struct {
	cancel context.CancelFunc
	ended  chan struct{}

	mu    sync.Mutex
	asked time.Time // when the probe under way was sent
	heard int       // answers so far
	last  error     // of the last probe that ended with an error
}

// Listen starts probing; the caller Closes.
func Listen(ctx context.Context, address, region string) *SilentProbe {
	ctx, cancel := context.WithCancel(ctx)
	s := &SilentProbe{cancel: cancel, ended: make(chan struct{}), asked: time.Now()}
	go func() {
		defer close(s.ended)
		for ctx.Err() == nil {
			s.mu.Lock()
			s.asked = time.Now()
			s.mu.Unlock()
			bounded, stop := context.WithTimeout(ctx, 10*time.Second)
			_, err := Probe(bounded, address, region)
			stop()
			s.mu.Lock()
			s.last = err
			if err == nil {
				s.heard++
			}
			s.mu.Unlock()
			pause.For(ctx, 5*time.Millisecond)
		}
	}()
	return s
}

// Close ends the probing and waits for it.
func (s *SilentProbe) Close() {
	s.cancel()
	<-s.ended
}

// Await returns once a probe has been without an answer for d. The error says that probes
// are answered, or how they fail: a port that refuses is not silent.
func (s *SilentProbe) Await(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, 10*d+5*time.Second)
	defer cancel()
	for {
		s.mu.Lock()
		quiet, heard, last := time.Since(s.asked), s.heard, s.last
		s.mu.Unlock()
		if quiet >= d {
			return nil
		}
		if !pause.For(ctx, max(d-quiet, time.Millisecond)) {
			return fmt.Errorf("probes are still answered (%d so far, last error: %v)", heard, last)
		}
	}
}
