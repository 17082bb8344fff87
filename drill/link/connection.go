package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// dialTimeout bounds a dial that nothing answers. Linux itself would try for two minutes; every client of ours has given
// up long before this.
const dialTimeout = 30 * time.Second

// connection is one client's connection across the link.
type connection struct {
	link        *Link
	relay       *Relay
	front, back *socket // the client's side; the target's, nil until dialed
	out, in     pipe    // front to back; back to front

	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
	ended  atomic.Bool
	fins   atomic.Int32 // directions that have passed FIN

	// Guarded by link.mu.
	waiting bool               // in front.awaitGone, for the link to open
	dialing context.CancelFunc // a dial is under way
	dialed  chan struct{}      // closed when it has ended
	cutOff  bool               // it was stopped by a cut
}

func newConnection(r *Relay, front *socket) *connection {
	c := &connection{link: r.link, relay: r, front: front}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	out, in := r.link.directions(r.from)
	c.out.init(c, out, in, &r.out, &c.in, front, nil)
	c.in.init(c, in, out, &r.back, &c.out, nil, front)
	return c
}

// pipe is the connection's part of a direction of its link.
func (c *connection) pipe(d *direction) *pipe {
	if c.out.direction == d {
		return &c.out
	}
	return &c.in
}

// run takes the connection across and then carries what the client sends.
func (c *connection) run() {
	start, rtt, err := c.cross()
	if err != nil {
		c.link.log.Debug("connection did not cross", "link", c.link.name(), "from", c.relay.from, "error", err)
		c.end(true)
		c.link.running.Done()
		return
	}
	// The client believes itself connected since the relay accepted it, and the target since it was dialed. Over a real
	// path the client would be after the round trip, and the target when the client's answer has come too.
	c.link.running.Add(1)
	go c.in.carry(start + rtt + int64(c.out.direction.shape.Load().oneWay()))
	c.out.carry(start + rtt)
}

// cross opens the far side: the SYN travels half a round trip, and a refusal travels back.
func (c *connection) cross() (start, rtt int64, err error) {
	start = c.link.clock.now()
	for {
		waited, err := c.awaitOpen()
		if err != nil {
			return 0, 0, err
		}
		if waited {
			start = c.link.clock.now()
		}
		rtt = int64(c.link.RTT())
		lost, err := c.loseSYN()
		start += lost
		if !c.sleepUntil(&c.out.room, start+int64(c.out.direction.shape.Load().oneWay())) {
			return 0, 0, net.ErrClosed
		}
		if lost > 0 && c.front.gone() {
			return 0, 0, errors.New("client left before a SYN got across")
		}
		if err == nil {
			err = c.dial()
		}
		switch {
		case err == nil:
			return start, rtt, nil
		case errors.Is(err, errShut):
			start = c.link.clock.now()
		default:
			return 0, 0, errors.Join(err, c.refuse(start+rtt))
		}
	}
}

// loseSYN draws how often a SYN or its answer is lost, and returns for how long the client's kernel would try: 1 s, 3 s,
// 7 s, … (RFC 6298). It gives up, as a dial does, after dialTimeout.
func (c *connection) loseSYN() (tried int64, err error) {
	for n := 1; c.out.loseOne() || c.in.loseOne(); n++ {
		if tried = timeouts(int64(firstTimeout), n); tried > int64(dialTimeout) {
			return int64(dialTimeout), fmt.Errorf("reach %s: %d SYNs were lost", c.relay.to, n)
		}
	}
	return tried, nil
}

// awaitOpen waits until the link is open in both directions. A client that goes away meanwhile never got across.
func (c *connection) awaitOpen() (waited bool, err error) {
	for {
		c.link.mu.Lock()
		c.waiting = c.link.cut != Cut{}
		ended, waiting := c.ended.Load(), c.waiting
		c.link.mu.Unlock()
		if ended {
			return waited, net.ErrClosed
		}
		if !waiting {
			return waited, nil
		}
		waited = true
		err := c.front.awaitGone()
		if err == nil {
			return waited, errors.New("client left while the link was cut")
		}
		if !interrupted(err) {
			return waited, err
		}
		c.front.afterGone()
	}
}

// dial opens the far side. It returns errShut if the link is cut, or is being cut.
func (c *connection) dial() error {
	addr, err := c.relay.target(c.ctx)
	if err != nil {
		return fmt.Errorf("where is %s: %w", c.relay.to, err)
	}
	ctx, cancel := context.WithTimeout(c.ctx, dialTimeout)
	defer cancel()
	c.link.mu.Lock()
	if (c.link.cut != Cut{}) {
		c.link.mu.Unlock()
		return errShut
	}
	done := make(chan struct{})
	c.dialing, c.dialed, c.cutOff = cancel, done, false
	c.link.mu.Unlock()

	unwatch := c.watchClient(cancel)
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	c.link.mu.Lock()
	c.dialing = nil
	c.link.mu.Unlock()
	close(done)
	unwatch()

	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	if err != nil {
		c.link.noteRefused(err)
		if c.cutOff && c.ctx.Err() == nil {
			return errShut
		}
		return fmt.Errorf("reach %s: %w", c.relay.to, err)
	}
	back, err := newSocket(conn.(*net.TCPConn))
	if err != nil {
		conn.Close()
		return err
	}
	if c.ended.Load() {
		back.reset()
		return net.ErrClosed
	}
	c.back, c.out.dst, c.in.src = back, back, back
	return nil
}

// watchClient gives up a dial that nothing answers when its client has given it up: a client's kernel would no longer
// send SYN, and a target that wakes must not be handed what nobody waits for. It looks once the time has passed in which
// a lost SYN is sent again. unwatch waits for its goroutine.
func (c *connection) watchClient(giveUp context.CancelFunc) (unwatch func()) {
	ended := make(chan struct{})
	timer := c.link.clock.afterFunc(firstTimeout, func() {
		defer close(ended)
		if c.front.awaitGone() == nil {
			giveUp()
		}
	})
	return func() {
		if !timer.Stop() {
			c.front.wakeGone()
			<-ended
			c.front.afterGone()
		}
	}
}

// refuse passes the target's refusal on to the client, at the time at, or once the link lets it through.
func (c *connection) refuse(at int64) error {
	if !c.sleepUntil(&c.out.room, at) {
		return net.ErrClosed
	}
	for !c.in.direction.pass(c.front.reset) {
		if _, err := c.awaitOpen(); err != nil {
			return err
		}
	}
	return nil
}

// sleepUntil returns at the time at, or with false when the connection has ended.
func (c *connection) sleepUntil(w *waiter, at int64) bool {
	for !c.ended.Load() {
		if c.link.clock.now() >= at {
			return true
		}
		c.link.timers.set(w, at)
		w.wait()
	}
	return false
}

// end closes both sides, with RST if reset, and has all goroutines of the connection return. It must not be called with
// a lock of the link held.
func (c *connection) end(reset bool) {
	if c.ended.Swap(true) {
		return
	}
	c.link.mu.Lock()
	delete(c.link.open, c)
	back := c.back
	c.link.mu.Unlock()
	c.cancel()
	for _, s := range []*socket{c.front, back} {
		switch {
		case s == nil:
		case reset:
			s.reset()
		default:
			s.finish()
		}
	}
	for _, w := range []*waiter{&c.out.room, &c.out.due, &c.in.room, &c.in.due} {
		w.wake()
		c.link.timers.forget(w)
	}
}
