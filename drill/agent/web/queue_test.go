package web

import (
	"testing"
	"time"
)

func TestBurst(t *testing.T) {
	for capacity, want := range map[float64]int{0.5: 1, 4: 1, 10: 3, 100: 25} {
		if got := burst(capacity); got != want {
			t.Errorf("burst(%v) = %d, want %d", capacity, got, want)
		}
	}
}

// Above the capacity requests wait, in order, up to the bound; what is above that is shed, and as many are served as the
// capacity says.
func TestTheQueueFillsAndSheds(t *testing.T) {
	const perSecond, bound = 100, 200 * time.Millisecond
	q := newQueue(perSecond, bound)
	served, shed, longest, last := 0, 0, time.Duration(0), time.Duration(0)
	for now := time.Duration(0); now < 10*time.Second; now += 5 * time.Millisecond { // twice the capacity
		wait, taken := q.enter(now)
		if !taken {
			shed++
			continue
		}
		if now+wait < last {
			t.Fatalf("at %s one overtakes another", now)
		}
		served, longest, last = served+1, max(longest, wait), now+wait
	}
	if served < 10*perSecond || served > 10*perSecond+burst(perSecond)+int(bound.Seconds()*perSecond)+1 {
		t.Errorf("%d served in 10 s at %d/s", served, perSecond)
	}
	if longest > bound || longest < bound-20*time.Millisecond || served+shed != 2000 {
		t.Errorf("the longest wait was %s, %d were shed", longest, shed)
	}
	if wait, taken := q.enter(20 * time.Second); wait != 0 || !taken {
		t.Errorf("once it is idle one waits %s, %t", wait, taken)
	}
}

func TestBelowCapacityNobodyWaits(t *testing.T) {
	q := newQueue(100, 200*time.Millisecond)
	for now := time.Duration(0); now < 5*time.Second; now += 11 * time.Millisecond {
		if wait, taken := q.enter(now); wait != 0 || !taken {
			t.Fatalf("at %s: %s, %t", now, wait, taken)
		}
	}
	if wait, taken := newQueue(0, 0).enter(0); wait != 0 || !taken {
		t.Errorf("without a capacity: %s, %t", wait, taken)
	}
}
