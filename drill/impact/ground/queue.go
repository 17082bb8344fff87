package ground

import (
	"math"
	"time"
)

// message is about the bytes of a request or an answer: of the links between users and regions of the fleets that ship, a request
// took 240 and an answer 410.
const message = 400

// Narrow is a direction of a link that takes only so many bytes a second, and how many cross it now that others wait for.
type Narrow struct {
	From, To    string
	Rate, Takes float64
	Shown       float64 // bytes that are sent at first, to show that it is narrow
}

// Queue is what waits at a narrow link, as it grows.
type Queue struct {
	takes  float64
	since  float64 // seconds that it has been narrow
	behind float64 // seconds that it needs for what was too much
	shown  float64 // bytes that are left of what shows how narrow it is, which takes what the others leave
}

// NewQueue is empty, at a link that takes so many bytes a second from now on, of which so many show that it does.
func NewQueue(takes, shown float64) Queue { return Queue{takes: takes, shown: shown} }

// Step goes on for a time in which so many bytes a second come, and is how long a message takes then on average: to wait, and its own
// time. Messages come by chance, and those of one direction differ little in size, so that below the bandwidth a queue is an M/D/1
// queue's (half of its load times a message's time, through what of the load is left). That takes time to build: until then, and at
// the bandwidth, it grows with the root of the time (a reflected Brownian motion, whose mean after a time T is sqrt(2T/π)); above it,
// what is too much is added.
func (q *Queue) Step(rate float64, over time.Duration) time.Duration {
	each, load := message/q.takes, rate/q.takes
	if q.shown > 0 && load < 1 {
		q.shown -= (q.takes - rate) * over.Seconds()
		load = 1
	}
	q.since += over.Seconds()
	q.behind = max(0, q.behind+(load-1)*over.Seconds())
	if load <= 0 && q.behind == 0 {
		return 0
	}
	waits := math.Sqrt(2 * each * q.since / math.Pi)
	if load < 1 {
		waits = min(waits, load*each/(1-load)/2)
	}
	return time.Duration((each + waits + q.behind) * float64(time.Second))
}
