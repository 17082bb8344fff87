package link

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// direction is one direction of a link, shared by all its connections: the gate that a cut shuts, the serialisation that
// bandwidth imposes, and the count of what passed.
type direction struct {
	// gate is held for reading around every single system call that lets something out of this direction, and for writing to
	// shut or open it. Those calls do not block, so a cut waits for microseconds, and nothing passes after it.
	gate  sync.RWMutex
	shut  atomic.Bool // written under gate
	bytes atomic.Uint64

	lost   atomic.Uint64 // segments, retransmissions that were lost again included
	resent atomic.Uint64 // payload bytes sent again

	crossed atomic.Uint64 // reads that were on their way and became due
	transit atomic.Int64  // how long all of them had been, in nanoseconds

	shape atomic.Pointer[Shape] // written under mu

	mu    sync.Mutex
	draws *rand.Rand
	free  int64 // when the serialiser will have sent all that it was given
}

func newDirection(s Shape, seed, stream uint64) *direction {
	d := &direction{draws: rand.New(rand.NewPCG(seed, stream))}
	d.shape.Store(&s)
	return d
}

// reshape sets the shape for what is stamped from now on, which does not wait for what the serialiser still owes under
// the old one.
func (d *direction) reshape(s Shape) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shape.Store(&s)
	d.free = 0
}

// pass runs let, unless the direction is cut, and says whether it did. let must not block.
func (d *direction) pass(let func()) bool {
	d.gate.RLock()
	defer d.gate.RUnlock()
	if d.shut.Load() {
		return false
	}
	let()
	return true
}

// passed is the count of bytes. It waits for calls that are being made, whose bytes may have been received already.
func (d *direction) passed() uint64 { return d.passedBy(&d.bytes) }

// passedBy is a count that is a part of the direction's, just as passed is the whole.
func (d *direction) passedBy(counter *atomic.Uint64) uint64 {
	d.gate.Lock()
	defer d.gate.Unlock()
	return counter.Load()
}

// retransmit counts segments that were lost and sent again, payload bytes in all. The second sending takes its time on
// the serialiser, too.
func (d *direction) retransmit(segments, payload int) {
	d.lost.Add(uint64(segments))
	d.resent.Add(uint64(payload))
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.shape.Load(); s.Bandwidth > 0 {
		d.free += s.airtime(payload)
	}
}

// cross counts reads that became due at the far side.
func (d *direction) cross(t Transit) {
	d.crossed.Add(t.Reads)
	d.transit.Add(int64(t.Took))
}

// transits is what cross has counted.
func (d *direction) transits() Transit {
	return Transit{Reads: d.crossed.Load(), Took: time.Duration(d.transit.Load())}
}

// losses is what retransmit has counted.
func (d *direction) losses() Losses {
	return Losses{Segments: d.lost.Load(), Bytes: d.resent.Load()}
}

// stamp says when n bytes that are sent now arrive, and when the serialiser will have sent them.
func (d *direction) stamp(now int64, n int) (arrives, sent int64) {
	if s := d.shape.Load(); s.Jitter <= 0 && s.Bandwidth <= 0 {
		return now + int64(s.oneWay()), now
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.shape.Load()
	sent = now
	if s.Bandwidth > 0 && n > 0 {
		sent = max(now, d.free) + s.airtime(n)
		d.free = sent
	}
	delay := int64(s.oneWay())
	if j := int64(s.Jitter); j > 0 {
		// Uniform over ±Jitter/2 each way, so that a round trip stays within RTT ± Jitter.
		delay = max(delay+d.draws.Int64N(j+1)-j/2, 0)
	}
	return sent + delay, sent
}
