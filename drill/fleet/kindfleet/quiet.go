package kindfleet

import (
	"io"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

// quietKlog keeps client-go's log off the terminal, where it would be drawn over
// the screen. What matters of it comes as errors and events.
var quietKlog = sync.OnceFunc(func() {
	klog.SetLogger(logr.Discard())
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
})
