package wire

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// Short is a transport for short requests with short answers, as users send them by the thousand: whoever asks writes the
// request and reads the answer itself, where net/http hands both to goroutines of the connection, which costs more than the
// rest. Like NewTransport it knows no proxy, compresses nothing and keeps connections. A request is sent again
// as net/http does it: over another connection, if a kept one turned out to be dead and it does no harm twice.
type Short struct {
	dialer net.Dialer
	secure Secure
	most   int // kept connections to one address

	mu   sync.Mutex
	kept map[string][]*shortConn // by address; the one used last is the last
}

// NewShort makes a transport that keeps so many connections to one address while they wait for another request; with 0
// each request has one of its own.
func NewShort(most int) *Short { return NewShortOver(nil, most) }

// NewShortOver is NewShort over connections that are made secure first.
func NewShortOver(secure Secure, most int) *Short {
	return &Short{dialer: newDialer(), secure: secure, most: most, kept: map[string][]*shortConn{}}
}

const (
	// shortAnswer is the longest answer after which a connection is kept: a longer one is read as it comes.
	shortAnswer = 64 << 10
	// keepAlive is how often an idle connection is probed.
	keepAlive = 15 * time.Second
	// keepIdle is how long a connection waits for another request: less than the agents' own limit, so that
	// the asking side closes first.
	keepIdle = 60 * time.Second
)

// RoundTrip sends a request and reads the answer, until the request's context ends.
func (s *Short) RoundTrip(r *http.Request) (*http.Response, error) {
	for {
		c, used, err := s.take(r.Context(), r.URL.Host)
		if err != nil {
			closeBody(r)
			return nil, err
		}
		res, heard, err := c.ask(r)
		if err == nil {
			return res, nil
		}
		c.close()
		if ended := r.Context().Err(); ended != nil {
			return nil, ended
		}
		if !used || heard || !harmless(r) {
			return nil, err
		}
		if r.GetBody != nil {
			again := r.WithContext(r.Context())
			if again.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
			r = again
		}
	}
}

// harmless says of a request that it may be sent twice, as net/http does.
func harmless(r *http.Request) bool {
	if r.Body != nil && r.Body != http.NoBody && r.GetBody == nil {
		return false
	}
	_, marked := r.Header["Idempotency-Key"]
	return marked || r.Method == http.MethodGet || r.Method == http.MethodHead
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// take is a connection to an address: the one that was used last and is still good, or a new one.
func (s *Short) take(ctx context.Context, address string) (c *shortConn, used bool, err error) {
	for {
		s.mu.Lock()
		kept := s.kept[address]
		if len(kept) == 0 {
			s.mu.Unlock()
			break
		}
		c := kept[len(kept)-1]
		kept[len(kept)-1] = nil
		s.kept[address] = kept[:len(kept)-1]
		s.mu.Unlock()
		if time.Since(c.idle) < keepIdle && c.quiet() {
			return c, true, nil
		}
		c.close()
	}
	conn, err := s.dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, false, err
	}
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		_ = conn.Close()
		return nil, false, err
	}
	if conn, err = s.secure.over(ctx, conn); err != nil {
		return nil, false, err
	}
	return &shortConn{of: s, address: address, conn: conn, raw: raw, r: bufio.NewReader(conn), w: bufio.NewWriter(conn)}, false, nil
}

// keep takes a connection back, and drops one that waited too long.
func (s *Short) keep(c *shortConn) {
	if s.most <= 0 {
		c.close()
		return
	}
	c.idle = time.Now()
	var drop *shortConn
	s.mu.Lock()
	kept := s.kept[c.address]
	if len(kept) > 0 && (len(kept) >= s.most || c.idle.Sub(kept[0].idle) > keepIdle) {
		drop, kept = kept[0], append(kept[:0], kept[1:]...)
	}
	s.kept[c.address] = append(kept, c)
	s.mu.Unlock()
	if drop != nil {
		drop.close()
	}
}

// CloseIdleConnections closes what waits for another request.
func (s *Short) CloseIdleConnections() {
	s.mu.Lock()
	kept := s.kept
	s.kept = map[string][]*shortConn{}
	s.mu.Unlock()
	for _, conns := range kept {
		for _, c := range conns {
			c.close()
		}
	}
}

// shortConn is a connection that one request at a time uses.
type shortConn struct {
	of      *Short
	address string
	conn    net.Conn
	raw     syscall.RawConn
	r       *bufio.Reader
	w       *bufio.Writer
	idle    time.Time
}

func (c *shortConn) close() { _ = c.conn.Close() }

// quiet says of a kept connection that the far side has neither ended it nor sent what nobody asked for.
func (c *shortConn) quiet() bool {
	var b [1]byte
	var state error
	err := c.raw.Read(func(fd uintptr) bool {
		_, _, state = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	return err == nil && state == syscall.EAGAIN
}

// ask sends a request and reads the answer. heard says that something of one came.
func (c *shortConn) ask(r *http.Request) (res *http.Response, heard bool, err error) {
	unwatch := context.AfterFunc(r.Context(), func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	defer func() {
		if err != nil {
			unwatch()
		}
	}()
	if err := r.Write(c.w); err != nil { // it closes the body
		return nil, false, err
	}
	if err := c.w.Flush(); err != nil {
		return nil, false, err
	}
	if _, err := c.r.Peek(1); err != nil {
		return nil, false, err
	}
	if res, err = http.ReadResponse(c.r, r); err != nil {
		return nil, true, err
	}
	if res.ContentLength < 0 || res.ContentLength > shortAnswer {
		res.Body = &longBody{ReadCloser: res.Body, end: func() { unwatch(); c.close() }}
		return res, true, nil
	}
	body := make([]byte, res.ContentLength)
	if _, err := io.ReadFull(res.Body, body); err != nil {
		return nil, true, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	if unwatch() && !res.Close && c.r.Buffered() == 0 {
		c.of.keep(c)
	} else {
		c.close()
	}
	return res, true, nil
}

// longBody is an answer whose connection ends with it.
type longBody struct {
	io.ReadCloser
	end func()
}

func (b *longBody) Close() error {
	b.end() // first, since a body reads its rest when it is closed
	return b.ReadCloser.Close()
}
