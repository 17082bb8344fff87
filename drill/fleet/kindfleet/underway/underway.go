// Package underway lets one bring-up of a fleet be under way, which its tear-down ends and waits for.
package underway

import (
	"context"
	"errors"
	"sync"
)

// Guard lets one bring-up be under way. Its methods may be called from several goroutines.
type Guard struct {
	mu     sync.Mutex // guards what follows
	cancel context.CancelFunc
	done   chan struct{}
}

// Begin is at the start of one; the caller calls end. The error is of another that goes on.
func (u *Guard) Begin(ctx context.Context) (bounded context.Context, end func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cancel != nil {
		return nil, nil, errors.New("it is being started already")
	}
	bounded, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	u.cancel, u.done = cancel, done
	return bounded, func() {
		cancel()
		u.mu.Lock()
		u.cancel = nil
		u.mu.Unlock()
		close(done)
	}, nil
}

// Stop ends one that is under way and waits for it.
func (u *Guard) Stop() {
	u.mu.Lock()
	cancel, done := u.cancel, u.done
	u.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}
