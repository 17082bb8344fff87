package bus

import (
	"context"
	"time"
)

// Clock is all time that a part of a drill may ask for: what decides gets it passed in.
// Now counts from when the drill's clock started.
type Clock interface {
	Now() time.Duration
	// Sleep returns nil after d, or the context's error when that ends first.
	Sleep(ctx context.Context, d time.Duration) error
	// After has one item after d; stop frees it before.
	After(d time.Duration) (c <-chan time.Time, stop func())
	// Ticker has an item every d until stop is called.
	Ticker(d time.Duration) (c <-chan time.Time, stop func())
}

// Real is the clock of the machine. Now is the bus's; the rest is the time package's, so
// that a test in a synctest bubble has virtual time.
type Real struct{ bus *Bus }

// Clock is the real clock, with the bus's zero.
func (b *Bus) Clock() Real { return Real{b} }

// Now implements Clock.
func (r Real) Now() time.Duration { return r.bus.Now() }

// Sleep implements Clock.
func (r Real) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// After implements Clock.
func (r Real) After(d time.Duration) (<-chan time.Time, func()) {
	timer := time.NewTimer(d)
	return timer.C, func() { timer.Stop() }
}

// Ticker implements Clock.
func (r Real) Ticker(d time.Duration) (<-chan time.Time, func()) {
	tick := time.NewTicker(d)
	return tick.C, tick.Stop
}
