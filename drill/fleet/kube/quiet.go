package kube

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

// quiet keeps client-go's log off the terminal, where it would be drawn over
// the screen. What matters of it comes as errors and events.
var quiet = sync.OnceFunc(func() {
	klog.SetLogger(logr.Discard())
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
})

// lookEvery is how often what is awaited is looked at.
const lookEvery = 500 * time.Millisecond

// pause waits, and reports false when the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
