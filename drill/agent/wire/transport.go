package wire

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Bounds of what is read.
const (
	// MaxBody bounds a request's body: a write's payload, in base64, and its id.
	MaxBody = 1 << 20
	// maxAnswer bounds an answer's body; a status names every follower of every dataset.
	maxAnswer = 4 << 20
	// maxLine bounds a line of an audit: an entry is at most about a MaxBody.
	maxLine = 2 << 20
)

// NewTransport is an HTTP transport for the fleet's own traffic. It knows no
// proxy, because a proxy of the environment would take the place of the links;
// it never compresses, because the links count bytes; and it keeps connections,
// because on a long link a new one costs a round trip.
func NewTransport() *http.Transport { return NewTransportOver(nil) }

// NewTransportOver is NewTransport over connections that are made secure first.
func NewTransportOver(secure Secure) *http.Transport {
	dialer := newDialer()
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return secure.over(ctx, conn)
		},
		DisableCompression:    true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       keepIdle,
		ExpectContinueTimeout: time.Second,
	}
}

func newDialer() net.Dialer { return net.Dialer{Timeout: 2 * time.Second, KeepAlive: keepAlive} }
