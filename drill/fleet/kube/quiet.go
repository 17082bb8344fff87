package kube

import (
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
