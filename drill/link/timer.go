package link

import (
	"container/heap"
	"sync"
	"time"
)

// waiter is one goroutine's place to wait. wake never blocks and is never lost: a wake that comes while the goroutine is
// busy makes its next wait return at once. So a waiter re-checks what it waits for after every return.
type waiter struct {
	c chan struct{}

	// at and place belong to the timers that the waiter is set in.
	at    int64
	place int // index in the heap plus one; zero when not set
}

func newWaiter() waiter { return waiter{c: make(chan struct{}, 1)} }

func (w *waiter) wake() {
	select {
	case w.c <- struct{}{}:
	default:
	}
}

func (w *waiter) wait() { <-w.c }

// sleeper is one resettable wake-up time. arm may be called from any goroutine and replaces the time set before;
// wait returns after it, or false once stopped.
type sleeper interface {
	arm(d time.Duration)
	wait() bool
	stop()
}

// timers wakes waiters at set times, closer than time.Timer does: on Linux the runtime's timers rest on epoll_wait's
// milliseconds, which alone would spend the whole of the error that a shaped round trip may have.
// Its goroutine starts with the first time set, so a link without a shape has none.
type timers struct {
	now func() int64 // nanoseconds on the link's clock

	mu      sync.Mutex
	waiting waiterHeap
	sleeper sleeper
	stopped bool
	done    chan struct{} // closed when the goroutine has ended
}

func newTimers(now func() int64) *timers { return &timers{now: now} }

// set wakes w at the time at, in place of any time set for it before.
func (a *timers) set(w *waiter, at int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stopped {
		return
	}
	switch {
	case w.place == 0:
		w.at = at
		heap.Push(&a.waiting, w)
	case w.at == at:
		return
	default:
		w.at = at
		heap.Fix(&a.waiting, w.place-1)
	}
	if a.sleeper == nil {
		a.sleeper = newSleeper()
		a.done = make(chan struct{})
		go a.run(a.sleeper, a.done)
	}
	if a.waiting[0] == w {
		a.arm()
	}
}

// forget drops w's time, so that an ended connection is not kept in memory by it.
func (a *timers) forget(w *waiter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w.place != 0 && !a.stopped {
		heap.Remove(&a.waiting, w.place-1)
	}
}

func (a *timers) arm() { a.sleeper.arm(time.Duration(max(a.waiting[0].at-a.now(), 1))) }

func (a *timers) run(s sleeper, done chan struct{}) {
	defer close(done)
	for s.wait() {
		a.mu.Lock()
		now := a.now()
		for len(a.waiting) > 0 && a.waiting[0].at <= now {
			heap.Pop(&a.waiting).(*waiter).wake()
		}
		if len(a.waiting) > 0 {
			a.arm()
		}
		a.mu.Unlock()
	}
}

// stop ends the goroutine. Times that are set wake nobody any more.
func (a *timers) stop() {
	a.mu.Lock()
	s, done, again := a.sleeper, a.done, a.stopped
	a.stopped = true
	a.waiting = nil
	a.mu.Unlock()
	if s == nil {
		return
	}
	if !again {
		s.stop()
	}
	<-done
}

// waiterHeap is a container/heap of waiters by time.
type waiterHeap []*waiter

func (h waiterHeap) Len() int           { return len(h) }
func (h waiterHeap) Less(i, j int) bool { return h[i].at < h[j].at }

func (h waiterHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i+1, j+1
}

func (h *waiterHeap) Push(x any) {
	w := x.(*waiter)
	*h = append(*h, w)
	w.place = len(*h)
}

func (h *waiterHeap) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	w.place = 0
	return w
}
