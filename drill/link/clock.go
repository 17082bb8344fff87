package link

import "time"

// clock is the one place where the link meets real time, beside the kernel timer of sleeper_linux.go.
type clock struct{ born time.Time }

func newClock() clock { return clock{born: time.Now()} }

// now is nanoseconds since the clock was made, never zero.
func (c clock) now() int64 { return int64(time.Since(c.born)) + 1 }

// deadline is a socket's deadline at a time on the clock.
func (c clock) deadline(at int64) time.Time { return c.born.Add(time.Duration(at - 1)) }

// afterFunc runs f in a goroutine of its own after d, unless the timer is stopped before; who set it waits for f.
func (c clock) afterFunc(d time.Duration, f func()) *time.Timer { return time.AfterFunc(d, f) }

// timerSleeper is the portable sleeper.
type timerSleeper struct {
	timer *time.Timer
	ended chan struct{}
}

func newTimerSleeper() *timerSleeper {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &timerSleeper{timer: t, ended: make(chan struct{})}
}

func (s *timerSleeper) arm(d time.Duration) { s.timer.Reset(d) }

func (s *timerSleeper) wait() bool {
	select {
	case <-s.timer.C:
		return true
	case <-s.ended:
		return false
	}
}

func (s *timerSleeper) stop() {
	s.timer.Stop()
	close(s.ended)
}
