package ground

import (
	"testing"
	"time"
)

// A narrow link holds messages up long before it is full, and does not hold them up for ever when it is: that takes time.
func TestANarrowLinkHoldsMessagesUp(t *testing.T) {
	const step = 25 * time.Millisecond
	const link = 12500
	for _, tt := range []struct {
		name          string
		rate          float64
		after         time.Duration
		least, atMost time.Duration
	}{
		{"no traffic", 0, 10 * time.Second, 0, 0},
		{"half full: half as long again as its own 32 ms", link / 2, 10 * time.Second, 48 * time.Millisecond, 48 * time.Millisecond},
		{"nine tenths: as long as five and a half of them", 0.9 * link, 10 * time.Second, 175 * time.Millisecond, 177 * time.Millisecond},
		{"nine tenths, not yet", 0.9 * link, step, 50 * time.Millisecond, 60 * time.Millisecond},
		{"full", link, 10 * time.Second, 480 * time.Millisecond, 490 * time.Millisecond},
		{"twice as much as it takes: as long again as that lasts", 2 * link, 10 * time.Second, 10*time.Second + 480*time.Millisecond, 10*time.Second + 490*time.Millisecond},
	} {
		q, got := NewQueue(link, 0), time.Duration(0)
		for range tt.after / step {
			got = q.Step(tt.rate, step)
		}
		if got < tt.least || got > tt.atMost {
			t.Errorf("%s: %s, want %s to %s", tt.name, got, tt.least, tt.atMost)
		}
	}
	q := NewQueue(link, 0)
	for range 40 {
		q.Step(2*link, step)
	}
	late, drained := q.Step(0, step), time.Duration(0)
	for range 40 {
		drained = q.Step(0, step)
	}
	if late < time.Second || drained > 20*time.Millisecond+message*time.Second/link {
		t.Errorf("once nothing comes any more it takes %s, and a second later %s", late, drained)
	}
	// What shows how narrow it is takes what the others leave: it is full until that is over, and no longer.
	shown, unshown := NewQueue(link, link/4), NewQueue(link, 0)
	for i := range 40 {
		busy, free := shown.Step(link/2, step), unshown.Step(link/2, step)
		if over := i*int(step/time.Millisecond) >= 500; over && busy != free || !over && i > 0 && busy <= free {
			t.Errorf("step %d: %s, and %s where nothing is shown", i, busy, free)
		}
	}
}
