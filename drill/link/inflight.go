package link

import (
	"sync"
	"time"
)

const (
	// maxInflight bounds the bytes that one connection may have under way in one direction: 40 ms at 400 MB/s. Beyond it the
	// sender feels back-pressure, as from a full window.
	maxInflight = 16 << 20
	// maxMarks bounds the separately timed reads under way, for a flood of tiny ones.
	maxMarks = 1 << 16
	// chunkSize is how much one read can take, and the unit of memory.
	chunkSize = 128 << 10
	// minRead is the least room worth a read; below it a new chunk is begun.
	minRead = 8 << 10
)

type chunk struct {
	end   int // bytes filled
	bytes [chunkSize]byte
}

var chunks = sync.Pool{New: func() any { return new(chunk) }}

// inflight is the bytes under way in one direction of one connection, in order, with the time at which each is due.
// Memory is held only for bytes: an empty one has none. Its owner's lock guards it; the slices that room and due hand
// out may be used without the lock until taken, or delivered, is called.
type inflight struct {
	chunks  fifo[*chunk]
	marks   fifo[mark]
	start   int  // bytes of the first chunk already delivered
	size    int  // bytes under way
	ready   int  // of them, those whose mark is due and has been taken off
	reading bool // room has been handed out
	crossed Transit
}

// mark says that the next bytes, n of them, are due at the time at, in nanoseconds on the link's clock.
// They were read at the time sent; 0 is not known.
type mark struct {
	at   int64
	n    int
	sent int64
}

func (f *inflight) full() bool { return f.size >= maxInflight || f.marks.n >= maxMarks }

// room hands out space for a read of up to limit bytes. taken must follow.
func (f *inflight) room(limit int) []byte {
	if f.chunks.n == 0 || chunkSize-f.tail().end < min(limit, minRead) {
		c := chunks.Get().(*chunk)
		c.end = 0
		f.chunks.push(c)
	}
	f.reading = true
	c := f.tail()
	return c.bytes[c.end:min(c.end+limit, chunkSize)]
}

// taken ends what room began: n bytes were read and are due at the time at. n may be zero.
func (f *inflight) taken(n int, at int64) {
	f.reading = false
	if n > 0 {
		f.tail().end += n
		f.size += n
		f.marks.push(mark{at: at, n: n})
	}
	f.release()
}

// sent notes when the bytes last taken were read.
func (f *inflight) sent(n int, at int64) {
	if n > 0 {
		f.marks.ref(f.marks.n - 1).sent = at
	}
}

// due hands out bytes that are due, as many as lie together. delivered must follow if there are any.
func (f *inflight) due(now int64) []byte {
	if f.size == 0 {
		return nil
	}
	for f.start == f.chunks.at(0).end {
		f.dropFirst()
	}
	first := f.chunks.at(0)
	together := first.end - f.start
	for f.ready < together && f.marks.n > 0 && f.marks.at(0).at <= now {
		m := f.marks.pop()
		f.ready += m.n
		if m.sent > 0 {
			f.crossed.Reads++
			f.crossed.Took += time.Duration(now - m.sent)
		}
	}
	return first.bytes[f.start : f.start+min(f.ready, together)]
}

// next is when the first byte that is not yet due will be. Only for an inflight of which nothing is due.
func (f *inflight) next() int64 { return f.marks.at(0).at }

// delivered drops n bytes from the front.
func (f *inflight) delivered(n int) {
	f.start += n
	f.size -= n
	f.ready -= n
	f.release()
}

// stampAgain gives every byte a new time, in order: stamp returns it for the next n bytes.
func (f *inflight) stampAgain(stamp func(n int) int64) {
	if f.ready > 0 {
		f.marks.pushFront(mark{n: f.ready})
		f.ready = 0
	}
	for i := range f.marks.n {
		m := f.marks.ref(i)
		m.at = stamp(m.n)
	}
}

// drop loses everything.
func (f *inflight) drop() {
	f.size, f.ready = 0, 0
	f.marks = fifo[mark]{}
	for f.chunks.n > 1 {
		f.dropFirst()
	}
	if f.chunks.n == 1 {
		f.start = f.tail().end // a read may be going on behind it
	}
	f.release()
}

func (f *inflight) release() {
	if f.size > 0 || f.reading {
		return
	}
	for f.chunks.n > 0 {
		f.dropFirst()
	}
}

func (f *inflight) tail() *chunk { return f.chunks.at(f.chunks.n - 1) }

func (f *inflight) dropFirst() {
	chunks.Put(f.chunks.pop())
	f.start = 0
}

// fifo is a ring that grows.
type fifo[T any] struct {
	ring  []T // its length is a power of two
	first int
	n     int
}

func (q *fifo[T]) ref(i int) *T { return &q.ring[(q.first+i)&(len(q.ring)-1)] }
func (q *fifo[T]) at(i int) T   { return *q.ref(i) }

func (q *fifo[T]) push(v T) {
	q.grow()
	q.n++
	*q.ref(q.n - 1) = v
}

func (q *fifo[T]) pushFront(v T) {
	q.grow()
	q.first = (q.first - 1) & (len(q.ring) - 1)
	q.n++
	*q.ref(0) = v
}

func (q *fifo[T]) pop() T {
	var zero T
	v := q.at(0)
	*q.ref(0) = zero
	q.first = (q.first + 1) & (len(q.ring) - 1)
	q.n--
	return v
}

func (q *fifo[T]) grow() {
	if q.n < len(q.ring) {
		return
	}
	bigger := make([]T, max(8, 2*len(q.ring)))
	for i := range q.n {
		bigger[i] = q.at(i)
	}
	q.ring, q.first = bigger, 0
}
