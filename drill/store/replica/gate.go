package replica

import (
	"fmt"
	"sync"
	"syscall"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Gate is what each write passes just before it would go to the disk, so that the disk can be made to fail.
type Gate struct {
	mu      sync.Mutex
	fault   store.DiskFault
	closed  bool
	changed chan struct{} // closed, and replaced, when any of this changes
}

// NewGate lets everything pass.
func NewGate() *Gate { return &Gate{changed: make(chan struct{})} }

// Set has the disk fail, or work again.
func (g *Gate) Set(fault store.DiskFault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault = fault
	g.wake()
}

// Close lets what hangs go with store.ErrClosed, and refuses what comes.
func (g *Gate) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.wake()
}

func (g *Gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// Fault is how the disk is made to fail now.
func (g *Gate) Fault() store.DiskFault {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fault
}

// Room waits while the disk is full, until over is closed at the latest, and returns store.ErrClosed once the gate is closed.
func (g *Gate) Room(over <-chan struct{}) error {
	for {
		g.mu.Lock()
		fault, closed, changed := g.fault, g.closed, g.changed
		g.mu.Unlock()
		switch {
		case closed:
			return store.ErrClosed
		case fault != store.DiskFull:
			return nil
		}
		select {
		case <-changed:
		case <-over:
			return nil
		}
	}
}

// Pass returns nil where a write may go to the disk, for which it waits while that hangs: what a kernel began for a process, it
// does not give up with whoever asked for it. It returns ENOSPC of a full disk.
func (g *Gate) Pass() error {
	for {
		g.mu.Lock()
		fault, closed, changed := g.fault, g.closed, g.changed
		g.mu.Unlock()
		switch {
		case closed:
			return store.ErrClosed
		case fault == store.DiskFull:
			return fmt.Errorf("its disk is full: %w", syscall.ENOSPC)
		case fault != store.DiskHangs:
			return nil
		}
		<-changed
	}
}
