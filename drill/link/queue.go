package link

// queue is the bytes under way in one direction of one connection, and the rule of when each arrives: behind the others
// of its connection, by the shape of its direction, and late where a segment before it was lost. It reads no clock: each
// call is given the time. The pipe's lock guards it.
type queue struct {
	inflight
	direction *direction
	back      *direction // in which acknowledgements travel
	seed      uint64     // of the link, and
	stream    uint64     // of this queue, for the draws of loss

	last int64          // when the latest byte is due: nothing overtakes it
	loss *retransmitter // nil as long as nothing was ever lost in this direction
}

// add takes in the n bytes just read into the room, and returns when the next may be read: zero is at once.
func (q *queue) add(now int64, n int) (nextRead int64) {
	next := q.send(now, n)
	q.taken(n, q.last)
	q.sent(n, now)
	if next > now {
		return next - int64(ahead)
	}
	return 0
}

// addRest takes in the n bytes just read into the room, of which some have been delivered already.
func (q *queue) addRest(now int64, n, delivered int) {
	q.last = now
	q.taken(n, now)
	if q.loss != nil {
		q.loss.pos += int64(n - delivered)
	}
	q.inflight.due(now)
	q.delivered(delivered)
}

// end is when a FIN, or an RST, that is sent now arrives.
func (q *queue) end(now int64, reset bool) int64 {
	if reset {
		arrives, _ := q.direction.stamp(now, 0)
		q.last = max(q.last, arrives)
	} else {
		q.send(now, 0)
	}
	return q.last
}

// again gives everything the time that it would have if it were sent now, as TCP sends it again: it does not arrive in
// one burst wider than the link.
func (q *queue) again(now int64) {
	q.last = now
	if q.loss != nil {
		q.loss.restart()
	}
	q.stampAgain(func(n int) int64 {
		q.send(now, n)
		return q.last
	})
}

// send moves last on to when n bytes that are sent now arrive, and returns when the next may be sent.
func (q *queue) send(now int64, n int) (next int64) {
	var arrives int64
	if q.loss == nil && q.direction.shape.Load().loss() == 0 {
		arrives, next = q.direction.stamp(now, n)
	} else {
		arrives, next = q.retransmitter().send(now, n, q.direction, int64(q.back.shape.Load().oneWay()))
	}
	q.last = max(q.last, arrives)
	return next
}

// retransmitter makes the model of loss when it is first needed.
func (q *queue) retransmitter() *retransmitter {
	if q.loss == nil {
		q.loss = newRetransmitter(q.seed, q.stream)
		q.loss.pos = int64(q.size)
	}
	return q.loss
}

// loseOne draws whether a segment of the handshake is lost.
func (q *queue) loseOne() bool {
	s := q.direction.shape.Load()
	if s.loss() == 0 {
		return false
	}
	lost := q.retransmitter().draws.Float64() < s.loss()
	if lost {
		q.direction.retransmit(1, 0)
	}
	return lost
}

// due hands out bytes that are due and that no lost segment holds up, as many as lie together; delivered must follow.
// When there are none, it says when to look again; zero is not before more are added.
func (q *queue) due(now int64) (buf []byte, again int64) {
	if q.size == 0 {
		return nil, 0
	}
	buf = q.inflight.due(now)
	if q.crossed.Reads > 0 {
		q.direction.cross(q.crossed)
		q.crossed = Transit{}
	}
	if q.loss != nil {
		n, until := q.loss.open(now, q.size)
		if n == 0 {
			return nil, until
		}
		buf = buf[:min(n, len(buf))]
	}
	if len(buf) == 0 {
		return nil, q.next()
	}
	return buf, 0
}

// reshaped forgets the pace of the shape before.
func (q *queue) reshaped() {
	if q.loss != nil {
		q.loss.free = 0
	}
}

// waitsForSegment says whether a lost segment may arrive earlier than it seemed, when more is added behind it.
func (q *queue) waitsForSegment() bool { return q.loss != nil && q.loss.holes.n > 0 }
