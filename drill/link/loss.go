package link

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const (
	// duplicates is how many segments must arrive behind a lost one before its sender sends it again (RFC 5681, 3.2).
	duplicates = 3
	// firstTimeout is the retransmission timeout before a round trip was measured, so of a SYN (RFC 6298, 2.1).
	firstTimeout = time.Second
	// mostTimeout bounds the doubling (RFC 6298, 2.5).
	mostTimeout = time.Minute
	// mostRetries bounds how often one segment is lost in a row: Linux's tcp_retries2.
	mostRetries = 15
	// burst is what a connection may send at once before loss paces it: the initial window (RFC 6928).
	burst = 10 * segment
)

// retransmitter models what loss costs one direction of one connection. A relay of TCP can't lose bytes: the kernels at
// both ends hold connections of their own with the relay, and would never know. So nothing is lost here, and the bytes
// wait as long as a TCP sender would need to find the loss and send again:
//
//   - Each read is cut into segments of 1,460 bytes, each lost with probability Loss by a draw of its own.
//   - A lost segment is sent again when three further segments have arrived behind it and the third's acknowledgement
//     has come back (fast retransmit, RFC 5681): about one round trip more than without loss. If the retransmission
//     timeout ends first, it is sent then: max(200 ms, SRTT + 4·RTTVAR), RFC 6298. A retransmission may be lost as well;
//     that is found by the timeout only, which doubles each time.
//   - What was sent behind it waits at the far end (head-of-line blocking) and is delivered with it.
//   - The rate is bound by Mathis' formula, above a burst of ten segments; see Shape.mathis.
//
// Not modelled: lost acknowledgements (the next one makes good for them), tail loss probes, and a congestion window
// that grows and shrinks by the round trip, of which Mathis' formula is the mean. An RST is never lost.
//
// Its owner's lock guards it. It reads no clock.
type retransmitter struct {
	draws *rand.Rand
	p     float64 // what clear was drawn for
	clear int     // segments that pass before the next loss

	pos   int64 // position in the stream behind the last byte sent
	holes fifo[hole]

	free         int64 // when the pace lets the next byte go
	srtt, rttvar int64 // RFC 6298; zero before the first sample
}

// hole is a lost segment that has not arrived yet.
type hole struct {
	at      int64 // position in the stream of its first byte
	sent    int64 // when it was sent first
	timeout int64 // the retransmission timeout then
	again   int   // how many of its retransmissions are lost as well
	behind  int   // segments that arrive behind it
	until   int64 // when it arrives
}

func newRetransmitter(seed, stream uint64) *retransmitter {
	return &retransmitter{draws: rand.New(rand.NewPCG(seed, stream))}
}

// send says when n bytes that are read now arrive if none is lost, and when the next bytes may go. It takes note of those
// that are lost. back is how long an acknowledgement takes. n may be zero, for a segment without payload: of that the
// loss is in arrives.
func (r *retransmitter) send(now int64, n int, d *direction, back int64) (arrives, next int64) {
	s := d.shape.Load()
	start := r.pace(now, n, s, back)
	arrives, sent := d.stamp(start, n)
	if s.loss() == 0 {
		r.arrived((n+segment-1)/segment, arrives, back, int64(s.oneWay()))
		r.pos += int64(n)
		return arrives, sent
	}
	r.sample(arrives - start + back)
	if n == 0 {
		if lost := r.losses(s); lost > 0 {
			d.retransmit(lost, 0)
			arrives += timeouts(r.timeout(), lost)
		}
		return arrives, sent
	}
	for left := n; left > 0; {
		r.draw(s)
		passing := min(r.clear, (left+segment-1)/segment)
		r.arrived(passing, arrives, back, int64(s.oneWay()))
		r.clear -= passing
		left -= passing * segment
		if left <= 0 {
			break
		}
		r.clear = -1
		size := min(left, segment)
		again := r.losses(s)
		d.retransmit(1+again, (1+again)*size)
		h := hole{at: r.pos + int64(n-left), sent: start, timeout: r.timeout(), again: again}
		h.until = start + timeouts(h.timeout, again+1) + int64(s.oneWay())
		r.holes.push(h)
		left -= size
	}
	r.pos += int64(n)
	return arrives, max(sent, r.free)
}

// pace says when n bytes may go by Mathis' rate.
func (r *retransmitter) pace(now int64, n int, s *Shape, back int64) (start int64) {
	rate := s.mathis(s.oneWay() + time.Duration(back))
	if math.IsInf(rate, 1) {
		return now
	}
	perByte := float64(time.Second) / rate
	r.free = max(r.free, now-int64(burst*perByte))
	start = max(now, r.free)
	r.free += int64(float64(n) * perByte)
	return start
}

// draw decides how many segments pass before the next is lost, if that is not decided: the geometric distribution, so
// that a draw is needed for each loss and not for each segment.
func (r *retransmitter) draw(s *Shape) {
	if p := s.loss(); p != r.p {
		r.p, r.clear = p, -1
	}
	if r.clear < 0 {
		r.clear = int(min(math.Log(1-r.draws.Float64())/math.Log(1-r.p), math.MaxInt32))
	}
}

// losses draws how often in a row one segment is lost.
func (r *retransmitter) losses(s *Shape) (n int) {
	for p := s.loss(); n < mostRetries && r.draws.Float64() < p; {
		n++
	}
	return n
}

// arrived takes note that n segments arrive at the time at, behind all holes: a hole's sender hears of it by them.
func (r *retransmitter) arrived(n int, at, back, oneWay int64) {
	for i := r.holes.n - 1; i >= 0 && n > 0; i-- {
		h := r.holes.ref(i)
		if h.behind >= duplicates {
			return // and so have all holes before it
		}
		h.behind += n
		if heard := at + back; h.behind >= duplicates && heard < h.sent+h.timeout {
			h.until = heard + timeouts(h.timeout, h.again) + oneWay
		}
	}
}

// open says how many of the size bytes under way lie before the first hole, and until when that stays. A hole that has
// arrived is forgotten.
func (r *retransmitter) open(now int64, size int) (n int, until int64) {
	for r.holes.n > 0 {
		h := r.holes.ref(0)
		n := h.at - (r.pos - int64(size))
		if h.until > now && n >= 0 {
			return int(min(n, int64(size))), h.until
		}
		r.holes.pop()
	}
	return size, 0
}

// restart forgets the holes, before everything under way is sent again.
func (r *retransmitter) restart() {
	r.holes = fifo[hole]{}
	r.pos = 0
}

// sample takes note of a measured round trip (RFC 6298, 2.2 and 2.3).
func (r *retransmitter) sample(rtt int64) {
	if r.srtt == 0 {
		r.srtt, r.rttvar = rtt, rtt/2
		return
	}
	r.rttvar += (max(r.srtt-rtt, rtt-r.srtt) - r.rttvar) / 4
	r.srtt += (rtt - r.srtt) / 8
}

// timeout is the retransmission timeout now.
func (r *retransmitter) timeout() int64 { return max(int64(topology.LeastResend), r.srtt+4*r.rttvar) }

// timeouts is how long n timeouts in a row take, the first of them as given and each twice the one before.
func timeouts(first int64, n int) (sum int64) {
	for range n {
		sum += min(first, int64(mostTimeout))
		first = min(2*first, int64(mostTimeout))
	}
	return sum
}
