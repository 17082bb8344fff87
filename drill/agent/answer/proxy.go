package answer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// NewProxy passes requests on and streams the answers unbuffered. where names in
// an error what did not answer; failed, if set, gets each one.
func NewProxy(region, where string, transport http.RoundTripper, logger *slog.Logger, rewrite func(*httputil.ProxyRequest), failed func(error)) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite:       rewrite,
		Transport:     transport,
		FlushInterval: -1,
		BufferPool:    copyBuffers,
		ErrorLog:      slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if failed != nil {
				failed(err)
			}
			Error(w, region, Unreachable(region, where, err))
		},
	}
}

// Unreachable is the error of a tier or region behind this one that did not answer:
// 504 where time ran out, else 502.
func Unreachable(region, where string, err error) *wire.Error {
	var refused *identity.Refused
	if errors.As(err, &refused) {
		return &wire.Error{Code: wire.CodeUntrusted, Message: fmt.Sprintf("%s and %s do not trust each other: %v", region, where, refused), Region: region}
	}
	status := http.StatusBadGateway
	if TimedOut(err) {
		status = http.StatusGatewayTimeout
	}
	return &wire.Error{Code: wire.CodeUpstream, Message: fmt.Sprintf("%s did not answer: %v", where, err), Region: region, Status: status}
}

// TimedOut reports whether an error is that time ran out.
func TimedOut(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout()
}

// copyBuffers are the proxies' buffers; without them each answer allocates 32 KiB.
var copyBuffers = &buffers{pool: sync.Pool{New: func() any { return new([32 << 10]byte) }}}

type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte { return b.pool.Get().(*[32 << 10]byte)[:] }

func (b *buffers) Put(buf []byte) {
	if cap(buf) >= 32<<10 {
		b.pool.Put((*[32 << 10]byte)(buf[:32<<10]))
	}
}
