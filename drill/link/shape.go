package link

import (
	"math"
	"time"
)

// Shape is how a link behaves in one direction. The zero Shape is a plain relay.
type Shape struct {
	// RTT is the full round trip of a link that has this shape in both directions; each direction takes half.
	RTT time.Duration
	// Jitter is the most by which a round trip differs from RTT, either way; each direction draws uniformly from
	// ±Jitter/2. A connection's bytes keep their order all the same.
	Jitter time.Duration
	// Bandwidth is in bits per second, each direction, shared by all connections. Zero is unlimited.
	Bandwidth int64
	// Loss is the share of segments that are lost, 0 to below 1; what is more counts as 0.99. It is a model: see
	// retransmitter.
	Loss float64
}

// Directions is a set of a link's two directions.
type Directions uint8

// The directions of a link, as seen from its ends in the order that New was given.
const (
	AtoB Directions = 1 << iota
	BtoA
	Both = AtoB | BtoA
)

// Losses is what loss has cost in one direction.
type Losses struct {
	Segments uint64 // segments lost: of data, of the handshake, and retransmissions that were lost again
	Bytes    uint64 // payload sent again, which is not in Bytes
}

// Shape is how the link behaves now, in each direction.
func (l *Link) Shape() (aToB, bToA Shape) { return *l.ab.shape.Load(), *l.ba.shape.Load() }

// RTT is the round trip that a connection sees now: the sum of both directions' halves.
func (l *Link) RTT() time.Duration {
	ab, ba := l.Shape()
	return ab.oneWay() + ba.oneWay()
}

// Reshape changes how the link behaves in the directions named, for bytes read from then on. What is under way keeps its
// time, and within a connection nothing overtakes it.
func (l *Link) Reshape(which Directions, s Shape) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for bit, d := range map[Directions]*direction{AtoB: l.ab, BtoA: l.ba} {
		if which&bit == 0 {
			continue
		}
		d.reshape(s)
		for c := range l.open {
			c.pipe(d).reshaped()
		}
	}
}

const (
	// slice is the longest that one read may occupy the serialiser. It is how connections share a narrow link: each
	// waits for one read of each other, however much the others have to send.
	slice = 2 * time.Millisecond
	// ahead is how long before its last read is sent a connection may read again, so that a late wake-up does not leave the
	// link idle.
	ahead = 4 * time.Millisecond
	// segment is the payload of an Ethernet frame: a serialiser sends no less than that at a time, and loss takes one.
	segment = 1460
	// maxLoss is the most that Shape.Loss counts for. A direction in which nothing passes is a cut.
	maxLoss = 0.99
)

func (s *Shape) oneWay() time.Duration { return max(s.RTT, 0) / 2 }

// loss is Loss, bounded.
func (s *Shape) loss() float64 {
	if s.Loss > 0 {
		return min(s.Loss, maxLoss)
	}
	return 0
}

// airtime is how long n bytes occupy the serialiser, in nanoseconds. Bandwidth must not be zero.
func (s *Shape) airtime(n int) int64 {
	return int64(float64(n) * 8 * float64(time.Second) / float64(s.Bandwidth))
}

// readSize is the most to read at once by a connection whose round trip is rtt.
func (s *Shape) readSize(rtt time.Duration) int {
	rate := math.Inf(1) // bytes a second
	if s.Bandwidth > 0 {
		rate = float64(s.Bandwidth) / 8
	}
	rate = min(rate, s.mathis(rtt))
	return int(min(max(rate*slice.Seconds(), segment), chunkSize))
}

// mathis is the rate, in bytes a second, that loss leaves one connection whose round trip is rtt: MSS/RTT · √(3/2)/√p.
// Infinite without loss, and without a round trip.
//
// Source: Mathis, Semke, Mahdavi, Ott, "The Macroscopic Behavior of the TCP Congestion Avoidance Algorithm", 1997.
func (s *Shape) mathis(rtt time.Duration) float64 {
	p := s.loss()
	if p == 0 || rtt <= 0 {
		return math.Inf(1)
	}
	return segment / rtt.Seconds() * math.Sqrt(1.5/p)
}

// plain says that bytes need neither wait nor be paced.
func (s *Shape) plain() bool { return s.RTT <= 0 && s.Jitter <= 0 && s.Bandwidth <= 0 && s.loss() == 0 }
