package link

import (
	"errors"
	"io"
)

// What ends while a direction is cut: the gate, held for writing while it is set, keeps both apart.

// SetCut cuts and heals, each direction by itself. A cut is silent: no byte, FIN or RST passes in that direction, from
// the moment SetCut returns. What is under way, and what is sent during the cut, is held, as the sender's TCP would keep
// sending it, and crosses when the cut is lifted. A new connection needs both directions: it is accepted, and
// goes on to the far side when both are open, unless its client has closed it meanwhile. A dial under way is given up, and
// made again then.
//
// A side that ends while its direction is cut, by FIN or RST, is taken for a host that went down: what it had under way
// is lost, and one RTT after the cut is lifted the other side gets RST, as a restarted host answers for a connection
// that it does not know.
func (l *Link) SetCut(cut Cut) {
	l.cutting.Lock()
	defer l.cutting.Unlock()
	l.mu.Lock()
	l.cut = cut
	l.shut(l.ab, cut.AtoB)
	l.shut(l.ba, cut.BtoA)
	var dialed []chan struct{}
	for c := range l.open {
		switch {
		case cut == Cut{} && c.waiting:
			c.waiting = false
			c.front.wakeGone()
		case cut != Cut{} && c.dialing != nil:
			c.cutOff = true
			c.dialing()
			dialed = append(dialed, c.dialed)
		}
	}
	l.mu.Unlock()
	for _, done := range dialed {
		<-done
	}
}

// shut sets one direction's gate. Called with the link's mu held.
func (l *Link) shut(d *direction, shut bool) {
	d.gate.Lock()
	defer d.gate.Unlock()
	if d.shut.Load() == shut {
		return
	}
	d.shut.Store(shut)
	for c := range l.open {
		if c.back == nil {
			continue
		}
		p := c.pipe(d)
		if shut {
			p.cutBegins()
		} else {
			p.cutEnds()
			p.due.wake()
		}
	}
}

// sourceEnded takes note that src sent FIN (io.EOF) or RST (anything else). While the direction is cut, that did not cross.
func (p *pipe) sourceEnded(err error) {
	if p.c.ended.Load() {
		return // it was us
	}
	reset := !errors.Is(err, io.EOF)
	p.direction.gate.RLock()
	shut := p.direction.shut.Load() && !p.endedUncut
	p.mu.Lock()
	p.gone = p.gone || reset
	switch {
	case p.refuses():
	case shut:
		p.lose()
	default:
		at := p.queue.end(p.c.link.clock.now(), reset)
		if reset {
			p.rst = at
			p.dst.interrupt()
		} else {
			p.fin = at
		}
		p.schedule(at)
	}
	p.mu.Unlock()
	p.direction.gate.RUnlock()
	if reset && p.opposite.isGone() {
		p.c.end(true) // both sides reset: nobody is left to be told
	}
}

// lose marks src as ended behind a cut. Called with direction.gate and mu held.
func (p *pipe) lose() {
	p.lost = true
	p.dst.interrupt()
	p.room.wake()
	p.schedule(0)
}

// cutBegins and cutEnds compare src before and after a cut. Called with direction.gate held for writing.
func (p *pipe) cutBegins() { p.endedUncut = p.src.gone() }

func (p *pipe) cutEnds() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.endedUncut && !p.refuses() && p.src.gone() {
		p.lose()
	}
}
