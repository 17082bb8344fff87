package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// Relay is the near end of a link: what one place dials to reach the other.
type Relay struct {
	link     *Link
	from, to string
	target   func(context.Context) (string, error)
	listener net.Listener
	// out and back are what passed by this relay, away from its place and towards it.
	out, back atomic.Uint64

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing is accepted any more
}

// Relay opens a listener on addr (host:port; port 0 takes a free one) that the place from, one of the link's ends, dials
// to reach the other one. target is asked for the far side's address (host:port) at every new connection, because a
// restarted region may have moved; its context ends with the connection, and it must return then. If it fails, or nothing
// listens at what it names, the client gets RST.
//
// Errors: ErrClosed after Close; an unknown end; whatever listening on addr says.
func (l *Link) Relay(from, addr string, target func(context.Context) (string, error)) (*Relay, error) {
	to := l.b
	switch from {
	case l.a:
	case l.b:
		to = l.a
	default:
		return nil, fmt.Errorf("relay from %q: link %s joins only these two: name one of them", from, l.name())
	}
	// Multipath TCP, the default of Go's listeners, would only be a longer way to the same loopback.
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("relay from %s to %s: %w", from, to, err)
	}
	r, err := l.relayOn(listener, from, to, target)
	if err != nil {
		listener.Close()
		return nil, fmt.Errorf("relay from %s to %s: %w", from, to, err)
	}
	return r, nil
}

func (l *Link) relayOn(listener net.Listener, from, to string, target func(context.Context) (string, error)) (*Relay, error) {
	r := &Relay{link: l, from: from, to: to, target: target, listener: listener, done: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		r.cancel()
		return nil, ErrClosed
	}
	l.relays[r] = true
	go r.accept()
	return r, nil
}

// Addr is where the relay listens.
func (r *Relay) Addr() net.Addr { return r.listener.Addr() }

// Bytes is the payload delivered by way of this relay since it was opened: out from its place to the other, back the
// other way. It counts at the same moment as Link.Bytes, of which it is a part, and stays readable after Close.
func (r *Relay) Bytes() (out, back uint64) {
	from, to := r.link.directions(r.from)
	return from.passedBy(&r.out), to.passedBy(&r.back)
}

// Close stops accepting and resets the connections that came through this relay. The link and its other relays go on.
// It is idempotent.
func (r *Relay) Close() error {
	r.cancel()
	err := r.listener.Close()
	<-r.done
	r.link.mu.Lock()
	delete(r.link.relays, r)
	var mine []*connection
	for c := range r.link.open {
		if c.relay == r {
			mine = append(mine, c)
		}
	}
	r.link.mu.Unlock()
	for _, c := range mine {
		c.end(true)
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close relay from %s to %s: %w", r.from, r.to, err)
	}
	return nil
}

// accept takes connections until the listener closes. Anything else that goes wrong, such as too many open files, is
// tried again at a growing interval, as net/http does it (5 ms to 1 s).
func (r *Relay) accept() {
	defer close(r.done)
	const (
		shortest = 5 * time.Millisecond // the first pause before it is tried again, as net/http's
		longest  = time.Second          // what the pause grows to, as net/http's
	)
	var pause time.Duration
	again := newWaiter()
	for {
		conn, err := r.listener.Accept()
		if err == nil {
			pause = 0
			r.take(conn.(*net.TCPConn))
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		r.link.noteRefused(err)
		if pause == 0 {
			r.link.log.Warn("relay cannot accept; trying again", "link", r.link.name(), "from", r.from, "error", err)
		}
		pause = min(max(2*pause, shortest), longest)
		r.link.timers.set(&again, r.link.clock.now()+int64(pause))
		select {
		case <-again.c:
		case <-r.ctx.Done():
			r.link.timers.forget(&again)
			return
		}
	}
}

func (r *Relay) take(conn *net.TCPConn) {
	front, err := newSocket(conn)
	if err != nil {
		conn.Close()
		return
	}
	c := newConnection(r, front)
	l := r.link
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || r.ctx.Err() != nil {
		c.cancel()
		front.reset()
		return
	}
	l.count++
	c.out.queue.stream, c.in.queue.stream = 2*l.count, 2*l.count+1 // 0 and 1 are the directions' own
	l.open[c] = true
	l.running.Add(1)
	go c.run()
}
