package runner

import "time"

// Clock is time as the controllers see it. Now counts from the engine's start.
type Clock interface {
	Now() time.Duration
	// After fires once, d from now; stop ends it before.
	After(d time.Duration) (fired <-chan time.Time, stop func())
}
