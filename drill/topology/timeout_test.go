package topology

import (
	"testing"
	"time"
)

// Whoever passes a request on keeps something back for the answer: an eighth, and never more than a quarter of a second.
func TestAnswerWithin(t *testing.T) {
	for left, want := range map[time.Duration]time.Duration{
		80 * time.Millisecond: 70 * time.Millisecond,
		2 * time.Second:       1750 * time.Millisecond,
		10 * time.Second:      9750 * time.Millisecond,
		0:                     0,
	} {
		if got := AnswerWithin(left); got != want {
			t.Errorf("of %s: %s, want %s", left, got, want)
		}
	}
}

// The copies of a write get what the user's timeout leaves after the ways and the answers' reserves.
func TestCopiesWithin(t *testing.T) {
	if got, want := CopiesWithin(10*time.Second, 20*time.Millisecond, 0), 9480*time.Millisecond; got != want {
		t.Errorf("a patient user's write: %s, want %s", got, want)
	}
	if got := CopiesWithin(time.Second, 900*time.Millisecond, 100*time.Millisecond); got > 0 {
		t.Errorf("a user without the time: %s left", got)
	}
}
