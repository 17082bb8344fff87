package wire

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
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
// first is read there before anything that is written. Errors are as a Client's.
func (u *Upstream) Dial(ctx context.Context, authority, dataset string, leader uint64, first []byte) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, u.cfg.Ask+u.way(authority))
	defer cancel()
	conn, err := u.dial(ctx, authority, dataset, leader, first)
	if err != nil {
		if ctx.Err() != nil {
			err = errors.Join(err, context.Cause(ctx))
		}
		return nil, fmt.Errorf("connect to the replica of %s in %s: %w", dataset, authority, err)
	}
	return conn, nil
}

func (u *Upstream) dial(ctx context.Context, authority, dataset string, leader uint64, first []byte) (_ net.Conn, err error) {
	client := u.to(authority)
	req, err := client.build(ctx, request{method: http.MethodGet, path: verb(dataset, StoreTunnel), query: url.Values{"leader": {number(leader)}}})
	if err != nil {
		return nil, err
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", TunnelProtocol)
	if len(first) > 0 {
		req.Header.Set(HeaderFirst, base64.StdEncoding.EncodeToString(first))
	}
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
	return NewTunnel(conn, nil, buffered), nil
}

// FirstOf is what a request for a tunnel brought along to be read first. ErrBad.
func FirstOf(h http.Header) ([]byte, error) {
	first, err := base64.StdEncoding.DecodeString(h.Get(HeaderFirst))
	if err != nil {
		return nil, fmt.Errorf("header %s: %w: %w", HeaderFirst, err, ErrBad)
	}
	return first, nil
}

// tunnel is a connection of which the beginning has been read already, and that
// can be closed for writing alone.
type tunnel struct {
	net.Conn
	ahead []byte
}

// NewTunnel is conn behind first and what buffered has read of it.
func NewTunnel(conn net.Conn, first []byte, buffered *bufio.Reader) net.Conn {
	read, _ := buffered.Peek(buffered.Buffered()) // it is there
	if len(first)+len(read) == 0 {
		return conn
	}
	return &tunnel{Conn: conn, ahead: append(slices.Clone(first), read...)}
}

func (t *tunnel) Read(p []byte) (int, error) {
	if len(t.ahead) == 0 {
		return t.Conn.Read(p)
	}
	n := copy(p, t.ahead)
	t.ahead = t.ahead[n:]
	return n, nil
}

// CloseWrite ends the sending of this side; the other's can still be read.
func (t *tunnel) CloseWrite() error {
	if half, ok := t.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.New("this connection can't be closed for writing alone")
}
