package front

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// firstByteWithin is how long a connection may say nothing: as a server waits for a request's header. A connection that is
// kept for later use says its first byte with its first request, so it is counted from there.
const firstByteWithin = 2 * time.Minute

// recordHandshake is the first byte of a TLS connection (RFC 8446, section 5.1): no method of HTTP begins with it.
const recordHandshake = 0x16

// Split makes two listeners of one: connections that begin with a TLS handshake come out of secured once it is done, all others
// out of plain. Closing either closes the port for both.
func Split(l net.Listener, handshake func(context.Context, net.Conn) (net.Conn, error)) (plain, secured net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &split{l: l, ctx: ctx, cancel: cancel, handshake: handshake, waiting: map[net.Conn]struct{}{}}
	p, t := &half{of: s, conns: make(chan net.Conn)}, &half{of: s, conns: make(chan net.Conn)}
	go s.run(p, t)
	return p, t
}

type split struct {
	l         net.Listener
	ctx       context.Context // ends with the port
	cancel    context.CancelFunc
	handshake func(context.Context, net.Conn) (net.Conn, error)

	mu      sync.Mutex
	err     error // why there are no more connections
	waiting map[net.Conn]struct{}
}

// run takes connections until the port is closed. What the system could not give is tried again, as net/http does.
func (s *split) run(plain, secured *half) {
	for {
		conn, err := s.l.Accept()
		if err != nil {
			var temporary interface{ Temporary() bool }
			if errors.As(err, &temporary) && temporary.Temporary() && s.ctx.Err() == nil {
				pause(s.ctx, 5*time.Millisecond)
				continue
			}
			s.end(err)
			return
		}
		if s.wait(conn) {
			go s.sort(conn, plain, secured)
		}
	}
}

// pause waits, unless the port is closed first.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// sort hands a connection to the listener that it is for.
func (s *split) sort(conn net.Conn, plain, secured *half) {
	to, err := plain, error(nil)
	raw := conn
	if isTLS, peeked := first(conn); peeked != nil {
		err = peeked
	} else if isTLS {
		to = secured
		conn, err = s.handshake(s.ctx, conn)
	}
	s.mu.Lock()
	delete(s.waiting, raw)
	s.mu.Unlock()
	if err != nil {
		_ = raw.Close()
		return
	}
	select {
	case to.conns <- conn:
	case <-s.ctx.Done():
		_ = conn.Close()
	}
}

// first looks at the first byte of a connection and leaves it there.
func first(conn net.Conn) (isTLS bool, err error) {
	tcp, is := conn.(syscall.Conn)
	if !is {
		return false, errors.New("not a socket")
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return false, err
	}
	if err := conn.SetReadDeadline(time.Now().Add(firstByteWithin)); err != nil {
		return false, err
	}
	var b [1]byte
	var n int
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		for {
			n, _, failed = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
			if !errors.Is(failed, syscall.EINTR) {
				break
			}
		}
		return !errors.Is(failed, syscall.EAGAIN)
	})
	switch {
	case err != nil:
		return false, err
	case failed != nil:
		return false, failed
	case n == 0:
		return false, net.ErrClosed // it came and went
	}
	return b[0] == recordHandshake, conn.SetReadDeadline(time.Time{})
}

// wait notes a connection that has said nothing yet; false once the port is closed, and the connection with it.
func (s *split) wait(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		_ = conn.Close()
		return false
	}
	s.waiting[conn] = struct{}{}
	return true
}

// end closes the port and what waits on it.
func (s *split) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	s.err = err
	s.cancel()
	_ = s.l.Close()
	for conn := range s.waiting {
		_ = conn.Close() // it asked nothing
	}
}

// half is one of the two listeners.
type half struct {
	of    *split
	conns chan net.Conn
}

// Accept implements net.Listener.
func (h *half) Accept() (net.Conn, error) {
	select {
	case conn := <-h.conns:
		return conn, nil
	case <-h.of.ctx.Done():
		h.of.mu.Lock()
		defer h.of.mu.Unlock()
		return nil, h.of.err
	}
}

// Close implements net.Listener.
func (h *half) Close() error {
	h.of.end(net.ErrClosed)
	return nil
}

// Addr implements net.Listener.
func (h *half) Addr() net.Addr { return h.of.l.Addr() }
