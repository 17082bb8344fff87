package web

import (
	"math"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// queue is a replica's line of requests, which are served in the order in which they come, so many a second. One that would
// have to wait for longer than the bound is not taken. It is told the time.
//
// It is the generic cell rate algorithm (ITU-T I.371): of the next request only the time is known at which its turn comes.
type queue struct {
	each  time.Duration // from one turn to the next; 0 is unlimited
	ahead time.Duration // how far turns may lie in the past: what an idle replica takes at once
	bound time.Duration // the longest wait

	mu   sync.Mutex
	next time.Duration // the next turn
}

// newQueue is the line of a replica that takes so many requests per second, 0 for any number.
func newQueue(perSecond float64, bound time.Duration) *queue {
	if perSecond <= 0 {
		return &queue{}
	}
	each := time.Duration(float64(time.Second) / perSecond)
	return &queue{each: each, ahead: time.Duration(burst(perSecond)-1) * each, bound: bound, next: math.MinInt64 / 2}
}

// burst is how many requests a replica takes at once (topology.WebBurst), always at least one.
func burst(perSecond float64) int {
	return max(1, int(math.Ceil(perSecond*topology.WebBurst.Seconds())))
}

// enter is how long a request that comes now waits for its turn; false where that is too long.
func (q *queue) enter(now time.Duration) (wait time.Duration, taken bool) {
	if q.each == 0 {
		return 0, true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	turn := max(q.next, now-q.ahead)
	if wait = max(0, turn-now); wait > q.bound {
		return wait, false
	}
	q.next = turn + q.each
	return wait, true
}
