package link

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// pipe is one direction of one connection. One goroutine, carry, reads from src and gives each read a time; another,
// deliver, writes to dst what is due. deliver is started when there is first something to wait for: over a plain link
// carry writes by itself, and there is no second goroutine.
//
// Locks are taken in the order Link.mu, way.gate, pipe.mu, and then way.mu or alarm.mu.
type pipe struct {
	c        *connection
	way      *way
	opposite *pipe
	src, dst *socket // the far one is set, under Link.mu, when it has been dialed

	room waiter // carry waits here for room, or for its turn on a narrow link
	due  waiter // deliver waits here

	source *source
	direct *sink // carry's
	sink   *sink // deliver's

	// endedUncut says that src had ended its sending before the way was cut, so that its FIN crossed. Guarded by way.gate.
	endedUncut bool

	mu         sync.Mutex
	flight     flight
	buf        []byte // room of the read going on
	last       int64  // when the latest of flight is due: nothing overtakes it
	nextRead   int64  // when carry may read again
	full       bool   // carry waits for room
	delivering bool   // deliver was started
	fin, rst   int64  // when the end of src is due at dst; zero while src has not ended
	finPassed  bool
	gone       bool // src answered RST
	lost       bool // src ended while the way was cut: nothing of it arrives any more, and after the cut RST does
	held       bool // something was due and the way is cut
	stalled    bool // rst is due, and dst does not take what comes before it
	over       bool // dst is gone: nothing can be delivered
}

func (p *pipe) init(c *connection, w *way, tally *atomic.Uint64, opposite *pipe, src, dst *socket) {
	p.c, p.way, p.opposite, p.src, p.dst = c, w, opposite, src, dst
	p.room, p.due = newWaiter(), newWaiter()
	p.source = newSource(p.takeRoom, p.giveBack)
	p.direct, p.sink = newSink(w, tally), newSink(w, tally)
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
		case at > 0 && p.c.link.now() < at:
			p.c.link.alarm.set(&p.room, at)
		case p.flight.full():
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
	bite := p.way.shape.Load().bite()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buf = p.flight.room(bite)
	return p.buf
}

func (p *pipe) giveBack() {
	p.mu.Lock()
	p.flight.taken(0, 0)
	p.mu.Unlock()
}

// send gives the n bytes just read their time, or passes them on at once when they have none to wait for.
func (p *pipe) send(n int) {
	now := p.c.link.now()
	p.mu.Lock()
	if p.flight.size == 0 && !p.held && !p.refuses() && p.way.shape.Load().plain() {
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
			p.flight.taken(0, 0)
		} else {
			// The way was cut half way: what is left is in flight, for deliver to hold.
			p.last = now
			p.flight.taken(n, now)
			p.flight.due(now)
			p.flight.delivered(passed)
			p.schedule(now)
		}
		p.mu.Unlock()
		return
	}
	defer p.mu.Unlock()
	if p.refuses() {
		p.flight.taken(0, 0)
		return
	}
	first := p.flight.size == 0
	arrives, sent := p.way.stamp(now, n)
	p.last = max(p.last, arrives)
	if sent > now {
		p.nextRead = sent - int64(ahead)
	} else {
		p.nextRead = 0
	}
	p.flight.taken(n, p.last)
	if first {
		p.schedule(p.last)
	}
}

// schedule has deliver look again at the time at. Called with mu held.
func (p *pipe) schedule(at int64) {
	switch {
	case !p.delivering:
		p.delivering = true
		p.c.link.running.Add(1)
		go p.deliver()
	case at <= p.c.link.now():
		p.due.wake()
	default:
		p.c.link.alarm.set(&p.due, at)
	}
}

// sourceEnded takes note that src sent FIN (io.EOF) or RST (anything else). While the way is cut, that did not cross.
func (p *pipe) sourceEnded(err error) {
	if p.c.ended.Load() {
		return // it was us
	}
	reset := !errors.Is(err, io.EOF)
	p.way.gate.RLock()
	shut := p.way.shut.Load() && !p.endedUncut
	p.mu.Lock()
	p.gone = p.gone || reset
	switch {
	case p.refuses():
	case shut:
		p.lose()
	default:
		arrives, _ := p.way.stamp(p.c.link.now(), 0)
		p.last = max(p.last, arrives)
		if reset {
			p.rst = p.last
			p.dst.interrupt()
		} else {
			p.fin = p.last
		}
		p.schedule(p.last)
	}
	p.mu.Unlock()
	p.way.gate.RUnlock()
	if reset && p.opposite.isGone() {
		p.c.end(true) // both sides reset: nobody is left to be told
	}
}

func (p *pipe) isGone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

// lose marks src as ended behind a cut. Called with way.gate and mu held.
func (p *pipe) lose() {
	p.lost = true
	p.dst.interrupt()
	p.room.wake()
	p.schedule(0)
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

// cutBegins and cutEnds compare src before and after a cut. Called with way.gate held for writing.
func (p *pipe) cutBegins() { p.endedUncut = p.src.gone() }

func (p *pipe) cutEnds() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.endedUncut && !p.refuses() && p.src.gone() {
		p.lose()
	}
}

type step int

const (
	stepWait step = iota
	stepWrite
	stepFIN
	stepRST
	stepStop
)

// deliver writes to dst what is due, until the connection or dst is gone.
func (p *pipe) deliver() {
	defer p.c.link.running.Done()
	for {
		step, buf, hold := p.next()
		switch step {
		case stepWait:
			p.due.wait()
		case stepWrite:
			n, err := p.sink.write(p.dst, buf, hold)
			if p.wrote(n, err) {
				p.targetGone()
			}
		case stepFIN:
			var err error
			if !p.way.pass(func() { err = p.dst.tcp.CloseWrite() }) {
				p.hold()
				break
			}
			p.mu.Lock()
			p.finPassed = true
			p.mu.Unlock()
			if err != nil {
				p.targetGone()
			} else if p.c.fins.Add(1) == 2 {
				p.c.end(false)
			}
		case stepRST:
			if !p.way.pass(p.dst.reset) {
				p.hold()
				break
			}
			p.c.end(true)
		case stepStop:
			return
		}
	}
}

// next says what there is to do now. hold is for write: do not wait for dst to take it.
func (p *pipe) next() (do step, buf []byte, hold bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || p.c.ended.Load() {
		p.flight.drop()
		return stepStop, nil, false
	}
	now := p.c.link.now()
	if p.lost {
		return p.nextLost(now), nil, false
	}
	if p.held {
		if p.way.shut.Load() {
			return stepWait, nil, false
		}
		p.resend(now)
	}
	if buf := p.flight.due(now); len(buf) > 0 {
		if p.stalled {
			return stepRST, nil, false
		}
		return stepWrite, buf, p.rst != 0 && p.rst <= now
	}
	at, do := p.rst, stepRST
	switch {
	case p.flight.size > 0:
		at, do = p.flight.next(), stepWait
	case p.rst != 0:
	case p.fin != 0 && !p.finPassed:
		at, do = p.fin, stepFIN
	default:
		return stepWait, nil, false
	}
	if now < at || do == stepWait {
		p.c.link.alarm.set(&p.due, at)
		do = stepWait
	}
	return do, nil, false
}

// nextLost is next for a source that ended behind a cut. Once the way is open again, dst's retransmission reaches a host
// that no longer knows the connection, and its RST comes back: a round trip.
func (p *pipe) nextLost(now int64) step {
	p.flight.drop()
	if p.way.shut.Load() {
		return stepWait
	}
	if p.rst == 0 {
		p.rst = now + int64(max(p.way.shape.Load().RTT, 0))
	}
	if now < p.rst {
		p.c.link.alarm.set(&p.due, p.rst)
		return stepWait
	}
	return stepRST
}

// resend gives all that a cut held the times it would have if it were sent now, as TCP sends it again: it does not
// arrive in one burst wider than the link. Called with mu held.
func (p *pipe) resend(now int64) {
	p.held = false
	p.last = now
	p.flight.again(func(n int) int64 {
		arrives, _ := p.way.stamp(now, n)
		p.last = max(p.last, arrives)
		return p.last
	})
	if p.fin != 0 || p.rst != 0 {
		arrives, _ := p.way.stamp(now, 0)
		p.last = max(p.last, arrives)
		p.fin, p.rst = min(p.fin, 1)*p.last, min(p.rst, 1)*p.last
	}
}

func (p *pipe) hold() {
	p.mu.Lock()
	p.held = true
	p.mu.Unlock()
}

// wrote takes note of a write's outcome and says whether dst is gone.
func (p *pipe) wrote(n int, err error) (gone bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flight.delivered(n)
	if p.full && !p.flight.full() {
		p.full = false
		p.room.wake()
	}
	switch {
	case err == nil:
	case err == errShut:
		p.held = true
	case err == errFull:
		p.stalled = true
	case interrupted(err):
		if wait := p.rst - p.c.link.now(); p.rst != 0 && wait > 0 {
			_ = p.dst.tcp.SetWriteDeadline(time.Now().Add(time.Duration(wait)))
		} else {
			p.dst.resume()
		}
	default:
		return !p.c.ended.Load()
	}
	return false
}

// passing says of a write's error that the far side may still be there.
func passing(err error) bool { return err == errShut || interrupted(err) }
