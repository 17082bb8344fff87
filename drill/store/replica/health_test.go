package replica

import (
	"errors"
	"testing"
	"time"
)

// healthLab runs a clock on, a tick at a time.
type healthLab struct {
	now time.Duration
	h   *Health
}

func newHealthLab() *healthLab {
	l := new(healthLab)
	l.h = NewHealth(func() time.Duration { return l.now })
	return l
}

func (l *healthLab) run(d time.Duration) {
	for end := l.now + d; l.now < end; {
		l.now += healthTick
		l.h.Tick()
	}
}

func (l *healthLab) stalled(t *testing.T, what string, from, to time.Duration, why error) {
	t.Helper()
	got, err := l.h.Stalled()
	if got < from || got > to || !errors.Is(err, why) {
		t.Errorf("%s: stalled for %s by %v, want %s to %s by %v", what, got, err, from, to, why)
	}
}

func TestHealth(t *testing.T) {
	full := errors.New("no space left on device")
	l := newHealthLab()
	l.run(time.Minute)
	l.stalled(t, "nothing was tried", 0, 0, nil)
	end := l.h.Try()
	l.run(2 * time.Second)
	l.stalled(t, "a write hangs", 2*time.Second, 2*time.Second, ErrHangs)
	l.h.Try()(nil)
	l.run(time.Second)
	l.stalled(t, "one hangs and others don't", time.Second, time.Second, ErrHangs)
	end(nil)
	l.stalled(t, "it went on", 0, 0, nil)

	l.h.Try()(full)
	l.run(time.Second)
	l.h.Try()(full)
	l.run(time.Second)
	l.stalled(t, "each is refused", 2*time.Second, 2*time.Second, full)
	l.h.Try()(nil)
	l.stalled(t, "one was taken", 0, 0, nil)

	l.h.Refused(full)
	l.run(time.Second)
	l.h.Try()(nil)
	l.stalled(t, "a probe needs less room than a user's write", time.Second, time.Second, full)
	l.h.Stored()
	l.stalled(t, "a user's write was stored", 0, 0, nil)

	l.h.Refused(full)
	l.run(2 * time.Second)
	for range 24 { // the lease is over, and a probe has room
		l.h.Lapsed()
		l.h.Try()(nil)
		l.run(healthTick)
	}
	l.stalled(t, "who grants the lease had no time to act", 4400*time.Millisecond, 4400*time.Millisecond, full)
	l.run(healthTick)
	l.h.Lapsed()
	l.h.Try()(nil)
	l.stalled(t, "it had", 0, 0, nil)
	l.h.Refused(full)
	l.run(time.Second)
	l.h.Fenced()
	l.h.Try()(nil)
	l.stalled(t, "another may lead", 0, 0, nil)

	hangs := l.h.Try()
	l.run(time.Second)
	l.h.Reset()
	l.stalled(t, "it has another part now", 0, 0, nil)
	hangs(full)
	l.stalled(t, "what was tried before is over", 0, 0, nil)
}

// A process that did not run knows nothing of its disk for that time.
func TestHealthOfAFrozenProcess(t *testing.T) {
	l := newHealthLab()
	l.h.Try()
	l.run(300 * time.Millisecond)
	l.now += 15 * time.Second // SIGSTOP, or a starved machine
	l.h.Tick()
	l.stalled(t, "frozen for 15 s", 300*time.Millisecond, 600*time.Millisecond, ErrHangs)
}

func TestHealthProbesWhatIsIdle(t *testing.T) {
	l := newHealthLab()
	if !l.h.Idle() {
		t.Error("a replica that nobody has written to is not probed")
	}
	end := l.h.Try()
	l.run(time.Minute)
	if l.h.Idle() {
		t.Error("it is probed while a write is under way")
	}
	end(nil)
	l.h.Stored()
	if l.h.Idle() {
		t.Error("it is probed right after a write")
	}
	l.run(ProbeEvery)
	if !l.h.Idle() {
		t.Errorf("it is not probed %s after the last write", ProbeEvery)
	}
}
