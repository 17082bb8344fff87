package ground

import (
	"math"
	"testing"
	"time"
)

// A narrow link holds messages up long before it is full, and does not hold them up for ever when it is: that takes time.
func TestANarrowLinkHoldsMessagesUp(t *testing.T) {
	const lasts = 10 * time.Second
	for _, tt := range []struct {
		name        string
		rate, takes float64
		want        time.Duration
	}{
		{"no traffic", 0, 12500, 0},
		{"wide", 10_000, 25_000_000, 16 * time.Microsecond},
		{"half full: as long again as its own 32 ms", 6250, 12500, 64 * time.Millisecond},
		{"nine tenths: as long as ten of them", 11250, 12500, 320 * time.Millisecond},
		{"full", 12500, 12500, 333 * time.Millisecond},
		{"twice as much as it takes: five seconds more", 25000, 12500, 5*time.Second + 333*time.Millisecond},
	} {
		if got := queued(tt.rate, tt.takes, lasts); math.Abs(float64(got-tt.want)) > float64(time.Millisecond) {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
