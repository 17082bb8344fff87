// Package proxy carries a region's server and tools to the authority's server: local
// sockets, behind which bytes pass the region's gateways and links, and are counted.
package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// Proxy is the local sockets by which this region's server and tools reach the
// authority's server. It leads to one authority at a time.
//
// It holds the server off until its history is known to be a part of the authority's:
// where two timelines bear one number, the authority's server would stream the other
// history over this one, and take what is flushed of it for a report.
type Proxy struct {
	at        server.Folders
	received  func(context.Context) uint64
	logger    *slog.Logger
	listeners []net.Listener
	tasks     sync.WaitGroup
	copied    atomic.Int64 // bytes that came in since it was opened last

	mu       sync.Mutex
	upstream *upstream // nil while it is closed
}

// upstream is what the proxy leads to.
type upstream struct {
	term    *replica.Following
	dial    server.Opener
	ctx     context.Context
	close   context.CancelFunc // ends ctx and all that passes
	streams context.Context    // of the server
	hang    context.CancelFunc // ends streams alone
	hold    *hold              // the server may not pass for now; nil while it may
	refuse  bool               // the next time that the server comes, it is sent away
	next    *stream            // that was opened ahead, nil none
	drop    context.CancelFunc // ends that
	has     atomic.Pointer[Learned]
}

// discard gives up the stream that was opened ahead.
func (u *upstream) discard() {
	if u.drop != nil {
		u.drop()
	}
	u.next, u.drop = nil, nil
}

// hold is a time in which the server waits at the proxy.
type hold struct {
	over    chan struct{} // closed when it is
	waiting int           // how many of the server's connections wait
	away    bool          // those are sent away; set before over is closed
}

func newHold() *hold { return &hold{over: make(chan struct{})} }

// Listen makes the sockets, closed. received is how far the server has received its log, 0
// where that is not known. End it.
func Listen(at server.Folders, received func(context.Context) uint64, logger *slog.Logger) (_ *Proxy, err error) {
	p := &Proxy{at: at, received: received, logger: logger}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("listen for the server in %s: %w", at.Dir, err), p.End())
		}
	}()
	for _, name := range []string{server.ProxyServer, server.ProxyTools} {
		socket := at.Socket(name)
		if server.OnDisk(socket) {
			if err := os.MkdirAll(socket, 0o700); err != nil {
				return nil, err
			}
			_ = os.Remove(server.Address(socket)) // of a process that was killed
		}
		l, err := net.Listen("unix", server.Address(socket))
		if err != nil {
			return nil, err
		}
		p.listeners = append(p.listeners, l)
		p.tasks.Go(func() { p.accept(l, name == server.ProxyServer) })
	}
	return p, nil
}

// Open leads to an authority while it is followed, until another one is. The server has
// to wait until it is let through.
func (p *Proxy) Open(term *replica.Following, dial server.Opener) {
	u := &upstream{term: term, dial: dial, hold: newHold()}
	u.ctx, u.close = context.WithCancel(term.Context())
	u.streams, u.hang = context.WithCancel(u.ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut()
	p.upstream = u
	p.copied.Store(0)
}

// Close ends every connection, and lets none through.
func (p *Proxy) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut()
}

func (p *Proxy) shut() {
	if p.upstream != nil {
		p.upstream.discard()
		p.upstream.hang()
		p.upstream.close()
		p.upstream = nil
	}
}

// Hold ends the server's streams and lets none through until Pass; what comes waits. The
// tools pass. A following that is over, and has not noticed, changes nothing.
func (p *Proxy) Hold(term *replica.Following) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.upstream
	if u == nil || u.term != term || u.hold != nil {
		return
	}
	u.hold = newHold()
	u.hang()
	u.streams, u.hang = context.WithCancel(u.ctx)
}

// Learned is what was put into a standby's log beside its server.
type Learned struct {
	Anew     bool   // new timelines, for which the server has to look
	Timeline int32  // one of which the log is there from its beginning in a file
	Position uint64 // up to here; 0 where it is not
}

// Pass lets the server through. One that has to look for new timelines it sends away once
// before that: a standby looks for them when a stream fails, and at no other time.
func (p *Proxy) Pass(term *replica.Following, learned Learned) {
	anew := learned.Anew
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.upstream
	if u == nil || u.term != term || u.hold == nil {
		return
	}
	u.has.Store(nil)
	if learned.Position != 0 {
		u.has.Store(&learned)
	}
	h := u.hold
	h.away, u.refuse, u.hold = anew && h.waiting > 0, anew && h.waiting == 0, nil
	close(h.over)
}

// End closes the proxy for good.
func (p *Proxy) End() (err error) {
	p.Close()
	for _, l := range p.listeners {
		err = errors.Join(err, l.Close())
	}
	p.tasks.Wait()
	for _, name := range []string{server.ProxyServer, server.ProxyTools} {
		if socket := p.at.Socket(name); server.OnDisk(socket) {
			err = errors.Join(err, os.RemoveAll(filepath.Clean(socket)))
		}
	}
	return err
}

// Copied is the bytes that came in since it was opened last.
func (p *Proxy) Copied() int64 { return p.copied.Load() }

// Count counts what is read from a connection as what came in through the proxy.
func (p *Proxy) Count(conn net.Conn) net.Conn { return counted{conn, &p.copied} }

func (p *Proxy) accept(l net.Listener, isServer bool) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return // closed
		}
		p.tasks.Go(func() { p.carry(conn, isServer) })
	}
}

// carry carries one connection, of the server or of a tool, to the authority.
func (p *Proxy) carry(local net.Conn, isServer bool) {
	defer local.Close()
	p.mu.Lock()
	u := p.upstream
	if u == nil || u.ctx.Err() != nil {
		p.mu.Unlock()
		return
	}
	ctx := u.ctx
	if isServer {
		ctx = u.streams
	}
	p.mu.Unlock()
	ended := context.AfterFunc(ctx, func() { _ = local.Close() })
	first, err := server.ReadStartup(local)
	passes := err == nil && (!isServer || p.await(ctx, u, local))
	ended()
	if !passes {
		return
	}
	var remote net.Conn
	if isServer {
		remote = p.ahead(ctx, u, local)
	}
	if remote == nil {
		if remote, err = u.dial(ctx, first); err != nil {
			p.logger.Debug("authority not reached", "authority", u.term.Authority, "error", err)
			return
		}
		remote = p.Count(remote)
	}
	if isServer {
		local = &trimmed{Conn: local, received: func(timeline int32) uint64 {
			if at := u.has.Load(); at != nil && at.Timeline == timeline {
				return max(at.Position, p.received(ctx))
			}
			return p.received(ctx)
		}}
	}
	Join(ctx, local, remote)
}

// await waits until the server may pass; false where it may not, or has gone.
func (p *Proxy) await(ctx context.Context, u *upstream, local net.Conn) bool {
	p.mu.Lock()
	if u.refuse {
		u.refuse = false
		p.mu.Unlock()
		return false
	}
	h := u.hold
	if h == nil {
		p.mu.Unlock()
		return ctx.Err() == nil
	}
	h.waiting++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		h.waiting--
	}()
	// It says nothing before it is answered: what can be read is its end.
	gone := make(chan error, 1)
	go func() {
		_, err := local.Read(make([]byte, 1))
		gone <- err
	}()
	select {
	case <-h.over:
	case <-gone:
		return false
	case <-ctx.Done():
	}
	_ = local.SetReadDeadline(time.Unix(1, 0)) // one that is closed ends the reading too
	err := <-gone
	return errors.Is(err, os.ErrDeadlineExceeded) && local.SetReadDeadline(time.Time{}) == nil && ctx.Err() == nil && !h.away
}

// ahead is the connection that was opened ahead for the server, which has been answered on it
// by then; nil where there is none.
func (p *Proxy) ahead(ctx context.Context, u *upstream, local net.Conn) net.Conn {
	p.mu.Lock()
	next := u.next
	u.next = nil // its end stays upstream's
	p.mu.Unlock()
	if next == nil {
		return nil
	}
	select {
	case <-next.ready:
	case <-ctx.Done():
		return nil
	}
	if next.err != nil {
		return nil
	}
	ended := context.AfterFunc(ctx, func() { _, _ = local.Close(), next.conn.Close() })
	defer ended()
	if err := next.answer(local); err != nil {
		p.logger.Debug("stream opened ahead is of no use", "authority", u.term.Authority, "error", err)
		_, _ = local.Close(), next.conn.Close()
	}
	return next.conn
}

// counted counts the bytes that are read.
type counted struct {
	net.Conn
	n *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// Join carries bytes both ways until one side ends or ctx does, then closes both.
// PostgreSQL ends a conversation as a whole, so no half of it is left open.
func Join(ctx context.Context, a, b net.Conn) {
	closeBoth := func() { _, _ = a.Close(), b.Close() }
	defer context.AfterFunc(ctx, closeBoth)()
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			defer closeBoth()
			_, _ = io.Copy(pair[0], pair[1]) // any end is the end
		})
	}
	both.Wait()
}
