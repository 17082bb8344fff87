package ground

import (
	"math"
	"time"
)

// message is about the bytes of a request or an answer: of the links between users and regions of the fleets that ship, a request
// took 240 and an answer 410.
const message = 400

// queued is how long a message waits on average on a narrow link, with its own time: so many bytes a second of so many that the
// link takes. Messages come by chance and differ in size, so that below the bandwidth a queue is an M/M/1 queue's
// (its load times a message's time, through what of the load is left). That takes time to build: until then, and at the bandwidth, it grows
// with the root of the time (a reflected Brownian motion, whose mean over a time T is two thirds of sqrt(2T/π)); above it,
// what is too much is added, on average half of what comes to that in the end.
func queued(rate, takes float64, lasts time.Duration) time.Duration {
	if rate <= 0 {
		return 0
	}
	each, load := message/takes, rate/takes
	waits := 2.0 / 3 * math.Sqrt(2*each*lasts.Seconds()/math.Pi)
	if load < 1 {
		waits = min(waits, load*each/(1-load))
	}
	return time.Duration((each + waits + max(0, load-1)*lasts.Seconds()/2) * float64(time.Second))
}
