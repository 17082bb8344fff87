package link

import (
	"testing"
	"time"
)

func TestTimers(t *testing.T) {
	tests := []struct {
		name    string
		sleeper func() sleeper
	}{
		{"of this system", newSleeper},
		{"portable", func() sleeper { return newTimerSleeper() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			born := time.Now()
			a := newTimers(func() int64 { return int64(time.Since(born)) })
			a.sleeper = tt.sleeper()
			a.done = make(chan struct{})
			go a.run(a.sleeper, a.done)
			defer a.stop()

			late, moved, dropped := newWaiter(), newWaiter(), newWaiter()
			a.set(&late, a.now()+int64(20*time.Millisecond))
			a.set(&moved, a.now()+int64(time.Hour))
			a.set(&dropped, a.now()+int64(5*time.Millisecond))
			a.forget(&dropped)
			a.set(&moved, a.now()+int64(10*time.Millisecond))
			at := moved.at
			moved.wait()
			if now := a.now(); now < at {
				t.Errorf("woken %v early", time.Duration(at-now))
			}
			at = late.at
			late.wait()
			if now := a.now(); now < at {
				t.Errorf("woken %v early", time.Duration(at-now))
			}
			select {
			case <-dropped.c:
				t.Error("a forgotten waiter was woken")
			default:
			}
		})
	}
}

func TestTimersStops(t *testing.T) {
	a := newTimers(func() int64 { return 0 })
	a.stop() // before any time was set
	w := newWaiter()
	a.set(&w, 1)
	if w.place != 0 {
		t.Error("a stopped heap of timers took a time")
	}

	a = newTimers(func() int64 { return 0 })
	a.set(&w, int64(time.Hour))
	a.stop()
	a.stop()
	a.forget(&w)
}
