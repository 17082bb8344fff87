package peers

import (
	"net/http"
	"path"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// answerTimeout is how long what lies behind a gateway may take until its answer
// begins, where who asked sets no limit of their own, beyond what a write may take.
const answerTimeout = 4 * time.Second

// limited is the wire's transport with a limit to the beginning of an answer.
func limited(writeTimeout time.Duration, secure wire.Secure) *http.Transport {
	t := wire.NewTransportOver(secure)
	t.ResponseHeaderTimeout = writeTimeout + answerTimeout
	return t
}

// MostKept is how many idle connections are kept to one address, as wire.NewTransport does.
const MostKept = 64

// Transport limits the time until an answer begins, but not for requests that
// answer once their work is done, nor for those that say how long who asked waits: their
// context ends then.
type Transport struct {
	quick *http.Transport
	slow  *wire.Short
	open  *wire.Short // for what is asked without a certificate; nil where nothing is secured
}

// NewTransport keeps so many idle connections to one address; 0 keeps none. A nil secure leaves connections as they are.
func NewTransport(writeTimeout time.Duration, kept int, secure wire.Secure) Transport {
	quick := limited(writeTimeout, secure)
	quick.DisableKeepAlives = kept == 0
	t := Transport{quick: quick, slow: wire.NewShortOver(secure, kept)}
	if secure != nil {
		t.open = wire.NewShort(kept)
	}
	return t
}

// RoundTrip limits the time until an answer begins, unless the request has a limit of its
// own, loads a whole dataset, or has an engine start and stop.
func (p Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t := p.open; t != nil && isOpen(r.URL.Path) {
		return t.RoundTrip(r)
	}
	if r.URL.Path == wire.PathTopology || r.Header.Get(wire.HeaderTimeout) != "" {
		return p.slow.RoundTrip(r)
	}
	switch path.Base(r.URL.Path) {
	case wire.StorePreload, wire.StoreReseed, wire.StoreSnapshot, wire.StorePromote, wire.StoreFence, wire.StoreFollow:
		return p.slow.RoundTrip(r)
	}
	return p.quick.RoundTrip(r)
}

// isOpen reports whether a path is asked for without a certificate: what a load balancer asks, and how one gets the first.
func isOpen(path string) bool {
	return path == wire.PathHealth || path == wire.PathLive || path == wire.PathIdentity
}

// CloseIdleConnections closes what waits for another request.
func (p Transport) CloseIdleConnections() {
	p.quick.CloseIdleConnections()
	p.slow.CloseIdleConnections()
	if p.open != nil {
		p.open.CloseIdleConnections()
	}
}
