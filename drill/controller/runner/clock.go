package runner

import "time"

// Clock is time as the controllers see it. Now counts from the engine's start.
type Clock interface {
	Now() time.Duration
	// After fires once, d from now; stop ends it before.
	After(d time.Duration) (fired <-chan time.Time, stop func())
}

// RealClock is the time of this machine. Only this file asks for it.
type RealClock struct{ now func() time.Duration }

// NewRealClock makes a clock of a function that reads the engine's.
func NewRealClock(now func() time.Duration) RealClock { return RealClock{now: now} }

// Now implements Clock.
func (c RealClock) Now() time.Duration { return c.now() }

// After implements Clock.
func (c RealClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}
