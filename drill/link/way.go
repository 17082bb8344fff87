package link

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// way is one direction of a link, shared by all its connections: the gate that a cut shuts, the serialisation that
// bandwidth imposes, and the count of what passed.
type way struct {
	// gate is held for reading around every single system call that lets something out of this direction, and for writing to
	// shut or open it. Those calls do not block, so a cut waits for microseconds, and nothing passes after it.
	gate  sync.RWMutex
	shut  atomic.Bool // written under gate
	bytes atomic.Uint64

	shape atomic.Pointer[Shape] // written under mu

	mu    sync.Mutex
	draws *rand.Rand
	free  int64 // when the serialiser will have sent all that it was given
}

func newWay(s Shape, seed, stream uint64) *way {
	w := &way{draws: rand.New(rand.NewPCG(seed, stream))}
	w.shape.Store(&s)
	return w
}

// reshape sets the shape for what is stamped from now on, which does not wait for what the serialiser still owes under
// the old one.
func (w *way) reshape(s Shape) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shape.Store(&s)
	w.free = 0
}

// pass runs let, unless the way is cut, and says whether it did. let must not block.
func (w *way) pass(let func()) bool {
	w.gate.RLock()
	defer w.gate.RUnlock()
	if w.shut.Load() {
		return false
	}
	let()
	return true
}

// passed is the count of bytes. It waits for calls that are being made, whose bytes may have been received already.
func (w *way) passed() uint64 { return w.passedBy(&w.bytes) }

// passedBy is a count that is a part of the way's, just as passed is the whole.
func (w *way) passedBy(tally *atomic.Uint64) uint64 {
	w.gate.Lock()
	defer w.gate.Unlock()
	return tally.Load()
}

// stamp says when n bytes that are sent now arrive, and when the serialiser will have sent them.
func (w *way) stamp(now int64, n int) (arrives, sent int64) {
	if s := w.shape.Load(); s.Jitter <= 0 && s.Bandwidth <= 0 {
		return now + int64(s.oneWay()), now
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.shape.Load()
	sent = now
	if s.Bandwidth > 0 && n > 0 {
		sent = max(now, w.free) + s.airtime(n)
		w.free = sent
	}
	delay := int64(s.oneWay())
	if j := int64(s.Jitter); j > 0 {
		// Uniform over ±Jitter/2 each way, so that a round trip stays within RTT ± Jitter.
		delay = max(delay+w.draws.Int64N(j+1)-j/2, 0)
	}
	return sent + delay, sent
}

const (
	// quantum is the longest that one read may occupy the serialiser. It is how connections share a narrow link: each
	// waits for one read of each other, however much the others have to send.
	quantum = 2 * time.Millisecond
	// ahead is how long before its last read is sent a connection may read again, so that a late wake-up does not leave the
	// link idle.
	ahead = 4 * time.Millisecond
	// segment is the payload of an Ethernet frame: a serialiser sends no less than that at a time.
	segment = 1460
)

func (s *Shape) oneWay() time.Duration { return max(s.RTT, 0) / 2 }

// airtime is how long n bytes occupy the serialiser, in nanoseconds. Bandwidth must not be zero.
func (s *Shape) airtime(n int) int64 {
	return int64(float64(n) * 8 * float64(time.Second) / float64(s.Bandwidth))
}

// bite is the most to read at once.
func (s *Shape) bite() int {
	if s.Bandwidth <= 0 {
		return chunkSize
	}
	perQuantum := float64(s.Bandwidth) / 8 * quantum.Seconds()
	return int(min(max(perQuantum, segment), chunkSize))
}

// plain says that bytes need neither wait nor be paced.
func (s *Shape) plain() bool { return s.RTT <= 0 && s.Jitter <= 0 && s.Bandwidth <= 0 }
