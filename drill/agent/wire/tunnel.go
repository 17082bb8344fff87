package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// TunnelProtocol is what a request for a tunnel upgrades to: from the answer 101
// on, the bytes are those of the replica's own engine.
const TunnelProtocol = "fleetdrill-tunnel"

var _ store.Dialer = (*Upstream)(nil)

// Dial opens a connection to the replica of the authority of epoch leader itself, by way of both
// regions' gateways and the dataset's link, within the limit of a short
// question. The connection can be closed for writing alone (CloseWrite). On a
// link that is cut it is silent, as any: who uses it needs a limit of their own.
// Errors are as a Client's.
func (u *Upstream) Dial(ctx context.Context, authority, dataset string, leader uint64) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, u.cfg.Ask+u.way(authority))
	defer cancel()
	conn, err := u.dial(ctx, authority, dataset, leader)
	if err != nil {
		if ctx.Err() != nil {
			err = errors.Join(err, context.Cause(ctx))
		}
		return nil, fmt.Errorf("connect to the replica of %s in %s: %w", dataset, authority, err)
	}
	return conn, nil
}

func (u *Upstream) dial(ctx context.Context, authority, dataset string, leader uint64) (_ net.Conn, err error) {
	client := u.to(authority)
	req, err := client.build(ctx, request{method: http.MethodGet, path: verb(dataset, StoreTunnel), query: url.Values{"leader": {number(leader)}}})
	if err != nil {
		return nil, err
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", TunnelProtocol)
	gateway, err := url.Parse(u.cfg.Gateway)
	if err != nil {
		return nil, fmt.Errorf("gateway %q: %w", u.cfg.Gateway, err)
	}
	host := gateway.Host
	if gateway.Port() == "" {
		host = net.JoinHostPort(gateway.Hostname(), "80")
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = conn.Close()
		}
	}()
	unwatch := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer unwatch()
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	buffered := bufio.NewReader(conn)
	res, err := http.ReadResponse(buffered, req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		defer func() { _ = res.Body.Close() }()
		if err := client.check(res); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("answered %s instead of a tunnel: %w", res.Status, ErrBad)
	}
	if from := res.Header.Get(HeaderRegion); from != authority {
		return nil, fmt.Errorf("region %q opened a tunnel instead of %s: %w", from, authority, ErrWrongRegion)
	}
	if !unwatch() {
		return nil, ctx.Err()
	}
	return NewTunnel(conn, buffered), nil
}

// tunnel is a connection of which the beginning has been read already, and that
// can be closed for writing alone.
type tunnel struct {
	net.Conn
	ahead *bufio.Reader // nil once it is empty
}

// NewTunnel is conn with what ahead has read of it.
func NewTunnel(conn net.Conn, ahead *bufio.Reader) net.Conn {
	if ahead.Buffered() == 0 {
		return conn
	}
	return &tunnel{Conn: conn, ahead: ahead}
}

func (t *tunnel) Read(p []byte) (int, error) {
	if t.ahead == nil {
		return t.Conn.Read(p)
	}
	n, err := t.ahead.Read(p[:min(len(p), t.ahead.Buffered())])
	if t.ahead.Buffered() == 0 {
		t.ahead = nil
	}
	return n, err
}

// CloseWrite ends the sending of this side; the other's can still be read.
func (t *tunnel) CloseWrite() error {
	if half, ok := t.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.New("this connection can't be closed for writing alone")
}
