package link

import (
	"sync"
	"sync/atomic"
	"syscall"
)

// pipe is one direction of one connection. One goroutine, carry, reads from src and gives each read a time; another,
// deliver, writes to dst what is due. deliver is started when there is first something to wait for: over a plain link
// carry writes by itself, and there is no second goroutine.
//
// Locks are taken in the order Link.mu, direction.gate, pipe.mu, and then direction.mu or timers.mu.
type pipe struct {
	c         *connection
	direction *direction
	opposite  *pipe
	src, dst  *socket // the far one is set, under Link.mu, when it has been dialed

	room waiter // carry waits here for room, or for its turn on a narrow link
	due  waiter // deliver waits here

	source *source
	direct *sink // carry's
	sink   *sink // deliver's

	// endedUncut says that src had ended its sending before the direction was cut, so that its FIN crossed.
	// Guarded by direction.gate.
	endedUncut bool

	mu         sync.Mutex
	queue      queue
	buf        []byte // room of the read going on
	nextRead   int64  // when carry may read again
	full       bool   // carry waits for room
	delivering bool   // deliver was started
	fin, rst   int64  // when the end of src is due at dst; zero while src has not ended
	finPassed  bool
	gone       bool // src answered RST
	lost       bool // src ended while the direction was cut: nothing of it arrives any more, and after the cut RST does
	held       bool // something was due and the direction is cut
	stalled    bool // rst is due, and dst does not take what comes before it
	over       bool // dst is gone: nothing can be delivered
}

func (p *pipe) init(c *connection, d, back *direction, counter *atomic.Uint64, opposite *pipe, src, dst *socket) {
	p.c, p.direction, p.opposite, p.src, p.dst = c, d, opposite, src, dst
	p.queue.direction, p.queue.back, p.queue.seed = d, back, c.link.seed
	p.room, p.due = newWaiter(), newWaiter()
	p.source = newSource(p.takeRoom, p.giveBack)
	p.direct, p.sink = newSink(d, counter), newSink(d, counter)
}

// carry reads from src, from the time from on, until it ends.
func (p *pipe) carry(from int64) {
	defer p.c.link.running.Done()
	if !p.c.sleepUntil(&p.room, from) {
		return
	}
	for p.awaitRoom() {
		n, err := p.source.read(p.src)
		if err != nil {
			p.sourceEnded(err)
			return
		}
		p.send(n)
	}
}

// awaitRoom waits until carry may read, and says false if what it reads would go nowhere.
func (p *pipe) awaitRoom() bool {
	for {
		p.mu.Lock()
		if p.refuses() || p.c.ended.Load() {
			p.mu.Unlock()
			return false
		}
		at := p.nextRead
		switch {
		case at > 0 && p.c.link.clock.now() < at:
			p.c.link.timers.set(&p.room, at)
		case p.queue.full():
			p.full = true
		default:
			p.mu.Unlock()
			return true
		}
		p.mu.Unlock()
		p.room.wait()
	}
}

func (p *pipe) refuses() bool { return p.over || p.lost || p.rst != 0 }

func (p *pipe) takeRoom() []byte {
	size := p.direction.shape.Load().readSize(p.c.link.RTT())
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buf = p.queue.room(size)
	return p.buf
}

func (p *pipe) giveBack() {
	p.mu.Lock()
	p.queue.taken(0, 0)
	p.mu.Unlock()
}

// send gives the n bytes just read their time, or passes them on at once when they have none to wait for.
func (p *pipe) send(n int) {
	now := p.c.link.clock.now()
	p.mu.Lock()
	if p.queue.size == 0 && !p.held && !p.refuses() && p.direction.shape.Load().plain() {
		buf := p.buf[:n]
		p.mu.Unlock()
		passed, err := p.direct.write(p.dst, buf, false)
		if err != nil && !passing(err) {
			p.giveBack()
			p.targetGone()
			return
		}
		p.mu.Lock()
		if passed == n || p.refuses() {
			p.queue.taken(0, 0)
		} else {
			// The direction was cut half way: what is left is for deliver to hold.
			p.queue.addRest(now, n, passed)
			p.schedule(now)
		}
		p.mu.Unlock()
		return
	}
	defer p.mu.Unlock()
	if p.refuses() {
		p.queue.taken(0, 0)
		return
	}
	first := p.queue.size == 0
	p.nextRead = p.queue.add(now, n)
	switch {
	case first:
		p.schedule(p.queue.last)
	case p.queue.waitsForSegment():
		p.due.wake()
	}
}

// loseOne draws whether a segment of the handshake is lost.
func (p *pipe) loseOne() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queue.loseOne()
}

// reshaped has carry look at the new shape rather than sit out the old rate.
func (p *pipe) reshaped() {
	p.mu.Lock()
	p.nextRead = 0
	p.queue.reshaped()
	p.mu.Unlock()
	p.room.wake()
}

// schedule has deliver look again at the time at. Called with mu held.
func (p *pipe) schedule(at int64) {
	switch {
	case !p.delivering:
		p.delivering = true
		p.c.link.running.Add(1)
		go p.deliver()
	case at <= p.c.link.clock.now():
		p.due.wake()
	default:
		p.c.link.timers.set(&p.due, at)
	}
}

func (p *pipe) isGone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

// targetGone takes note that dst answered RST.
func (p *pipe) targetGone() {
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	p.room.wake()
	p.due.wake()
	p.opposite.sourceEnded(syscall.ECONNRESET)
}
