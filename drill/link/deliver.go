package link

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
			if !p.direction.pass(func() { err = p.dst.tcp.CloseWrite() }) {
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
			if !p.direction.pass(p.dst.reset) {
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
		p.queue.drop()
		return stepStop, nil, false
	}
	now := p.c.link.clock.now()
	if p.lost {
		return p.nextLost(now), nil, false
	}
	if p.held {
		if p.direction.shut.Load() {
			return stepWait, nil, false
		}
		p.held = false
		p.queue.again(now)
		if p.fin != 0 || p.rst != 0 {
			at := p.queue.end(now, p.rst != 0)
			p.fin, p.rst = min(p.fin, 1)*at, min(p.rst, 1)*at
		}
	}
	buf, again := p.queue.due(now)
	if len(buf) > 0 {
		if p.stalled {
			return stepRST, nil, false
		}
		return stepWrite, buf, p.rst != 0 && p.rst <= now
	}
	at, do := p.rst, stepRST
	switch {
	case p.queue.size > 0:
		at, do = again, stepWait
	case p.rst != 0:
	case p.fin != 0 && !p.finPassed:
		at, do = p.fin, stepFIN
	default:
		return stepWait, nil, false
	}
	if now < at || do == stepWait {
		p.c.link.timers.set(&p.due, at)
		do = stepWait
	}
	return do, nil, false
}

// nextLost is next for a source that ended behind a cut. Once the direction is open again, dst's retransmission reaches
// a host that no longer knows the connection, and its RST comes back: a round trip.
func (p *pipe) nextLost(now int64) step {
	p.queue.drop()
	if p.direction.shut.Load() {
		return stepWait
	}
	if p.rst == 0 {
		p.rst = now + int64(p.c.link.RTT())
	}
	if now < p.rst {
		p.c.link.timers.set(&p.due, p.rst)
		return stepWait
	}
	return stepRST
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
	p.queue.delivered(n)
	if p.full && !p.queue.full() {
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
		if clock := p.c.link.clock; p.rst > clock.now() {
			_ = p.dst.tcp.SetWriteDeadline(clock.deadline(p.rst))
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
