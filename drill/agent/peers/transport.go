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
func limited(writeTimeout time.Duration) *http.Transport {
	t := wire.NewTransport()
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
}

// NewTransport keeps so many idle connections to one address; 0 keeps none.
func NewTransport(writeTimeout time.Duration, kept int) Transport {
	quick := limited(writeTimeout)
	quick.DisableKeepAlives = kept == 0
	return Transport{quick: quick, slow: wire.NewShort(kept)}
}

// RoundTrip limits the time until an answer begins, unless the request has a limit of its
// own, loads a whole dataset, or has an engine start and stop.
func (p Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == wire.PathTopology || r.Header.Get(wire.HeaderTimeout) != "" {
		return p.slow.RoundTrip(r)
	}
	switch path.Base(r.URL.Path) {
	case wire.StorePreload, wire.StoreReseed, wire.StoreSnapshot, wire.StorePromote, wire.StoreFence, wire.StoreFollow:
		return p.slow.RoundTrip(r)
	}
	return p.quick.RoundTrip(r)
}

// CloseIdleConnections closes what waits for another request.
func (p Transport) CloseIdleConnections() {
	p.quick.CloseIdleConnections()
	p.slow.CloseIdleConnections()
}
