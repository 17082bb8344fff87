package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"path"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// answerTimeout is how long what lies behind a gateway may take until its answer
// begins, where who asked sets no limit of their own, beyond what a write may take.
const answerTimeout = 4 * time.Second

// newTransport is the wire's transport with a limit to the beginning of an answer.
func newTransport(writeTimeout time.Duration) *http.Transport {
	t := wire.NewTransport()
	t.ResponseHeaderTimeout = writeTimeout + answerTimeout
	return t
}

// mostKept is how many idle connections are kept to one address, as wire.NewTransport does.
const mostKept = 64

// splitTransport limits the time until an answer begins, but not for requests that
// answer once their work is done, nor for those that say how long who asked waits: their
// context ends then.
type splitTransport struct {
	quick *http.Transport
	slow  *wire.Short
}

func newSplitTransport(writeTimeout time.Duration, kept int) splitTransport {
	quick := newTransport(writeTimeout)
	quick.DisableKeepAlives = kept == 0
	return splitTransport{quick: quick, slow: wire.NewShort(kept)}
}

// RoundTrip limits the time until an answer begins, unless the request has a limit of its
// own, loads a whole dataset, or has an engine start and stop.
func (p splitTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == wire.PathTopology || r.Header.Get(wire.HeaderTimeout) != "" {
		return p.slow.RoundTrip(r)
	}
	switch path.Base(r.URL.Path) {
	case wire.StorePreload, wire.StoreReseed, wire.StorePromote, wire.StoreFence, wire.StoreFollow:
		return p.slow.RoundTrip(r)
	}
	return p.quick.RoundTrip(r)
}

// CloseIdleConnections closes what waits for another request.
func (p splitTransport) CloseIdleConnections() {
	p.quick.CloseIdleConnections()
	p.slow.CloseIdleConnections()
}

// newProxy passes requests on and streams the answers unbuffered. where names in
// an error what did not answer; failed, if set, gets each one.
func newProxy(region, where string, transport http.RoundTripper, logger *slog.Logger, rewrite func(*httputil.ProxyRequest), failed func(error)) *httputil.ReverseProxy {
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
			writeError(w, region, unreachable(region, where, err))
		},
	}
}

// unreachable is the error of a tier or region behind this one that did not answer:
// 504 where time ran out, else 502.
func unreachable(region, where string, err error) *wire.Error {
	status := http.StatusBadGateway
	if timedOut(err) {
		status = http.StatusGatewayTimeout
	}
	return &wire.Error{Code: wire.CodeUpstream, Message: fmt.Sprintf("%s did not answer: %v", where, err), Region: region, Status: status}
}

func timedOut(err error) bool {
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
