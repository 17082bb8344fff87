// Package pause waits by the machine's own clock, between two looks at what goes by real time: a process, a container, a
// cluster.
package pause

import (
	"context"
	"time"
)

// For waits, and reports false when the context ended first.
func For(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
