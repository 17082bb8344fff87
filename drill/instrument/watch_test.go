package instrument

import (
	"testing"
	"time"
)

const ms = time.Millisecond

// clocks are set by hand.
type clocks struct{ now, slept time.Duration }

func (c *clocks) watch(settle time.Duration) *Watch {
	return New(Config{Now: func() time.Duration { return c.now }, Slept: func() time.Duration { return c.slept }, Settle: settle})
}

func TestStandstills(t *testing.T) {
	tests := []struct {
		name  string
		pause time.Duration // beside Every
		slept time.Duration
		want  []Span
	}{
		{"on time", 0, 0, nil},
		{"a loaded scheduler", 30 * ms, 0, nil},
		{"just not", 249 * ms, 0, nil},
		{"stopped", 250 * ms, 0, []Span{{From: time.Second, To: 1300 * ms, Settle: 300 * ms}}},
		{"stopped for long", 15 * time.Second, 0, []Span{{From: time.Second, To: 16050 * ms, Settle: 2 * time.Second}}},
		{"the machine slept, which this clock does not count", 0, time.Hour, []Span{{From: time.Second, To: 1050 * ms, Slept: time.Hour, Settle: 2 * time.Second}}},
		{"clocks read one after the other", 0, 20 * ms, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &clocks{now: time.Second}
			w := c.watch(2 * time.Second)
			c.now += Every + tt.pause
			c.slept += tt.slept
			// Whoever runs first knows, and it is told once.
			if stood := w.Stood(1010*ms, 1020*ms); stood != (len(tt.want) > 0) {
				t.Errorf("stood still: %v", stood)
			}
			got := w.News()
			if len(got) != len(tt.want) || len(got) > 0 && got[0] != tt.want[0] {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if again := w.News(); len(again) > 0 {
				t.Errorf("told again: %v", again)
			}
		})
	}
}

func TestWhatAStandstillTouches(t *testing.T) {
	c := &clocks{}
	w := c.watch(1500 * ms)
	c.now = 10 * time.Second // from 0 to 10 s, and until 11.5 s something may be broken
	w.Stood(0, 0)
	for now := c.now; now <= 20*time.Second; now += Every {
		c.now = now
		w.Stood(now, now)
	}
	for _, tt := range []struct {
		from, to time.Duration
		want     bool
	}{{0, ms, true}, {5 * time.Second, 6 * time.Second, true}, {11 * time.Second, 12 * time.Second, true}, {11501 * ms, 12 * time.Second, false}} {
		if got := w.Stood(tt.from, tt.to); got != tt.want {
			t.Errorf("%s to %s: %v", tt.from, tt.to, got)
		}
	}
	if got := w.Total(); got != 10*time.Second {
		t.Errorf("stood still for %s", got)
	}
}

func TestABeginForgetsWhatWasBefore(t *testing.T) {
	c := &clocks{}
	w := c.watch(0)
	c.now = time.Minute
	w.Begin()
	if got := w.News(); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

func TestShortage(t *testing.T) {
	c := &clocks{now: time.Second}
	w := c.watch(0)
	w.Refused()
	c.now += 800 * ms
	w.Refused() // one and the same
	for _, tt := range []struct {
		from, to time.Duration
		want     bool
	}{{0, 999 * ms, false}, {0, time.Second, true}, {2700 * ms, 3 * time.Second, true}, {2801 * ms, 3 * time.Second, false}} {
		if got := w.Short(tt.from, tt.to); got != tt.want {
			t.Errorf("%s to %s: %v", tt.from, tt.to, got)
		}
	}
}

func TestThresholds(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{0: Threshold, 10 * ms: LeastThreshold, 400 * ms: 200 * ms, time.Second: Threshold} {
		if got := ThresholdFor(timeout); got != want {
			t.Errorf("%s: %s", timeout, got)
		}
	}
	for threshold, want := range map[time.Duration]time.Duration{Threshold: Every, 100 * ms: 20 * ms, LeastThreshold: 6 * ms, time.Minute: Every} {
		if got := EveryFor(threshold); got != want {
			t.Errorf("a note every %s for %s", got, threshold)
		}
	}
}

// This machine's own clocks can be read, and a process that runs has not slept.
func TestThisMachinesClocks(t *testing.T) {
	slept := sleeps()
	if before, after := slept(), slept(); after-before > 100*ms || after < -time.Second {
		t.Errorf("slept %s, then %s", before, after)
	}
}
