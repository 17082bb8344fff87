package topology

import (
	"testing"
	"time"
)

// A field that is set is laid over the one below it, and what is not set lets it through.
func TestAShapeOverAnother(t *testing.T) {
	const ms = time.Millisecond
	base := Shape{RTT: 80 * ms, Jitter: 4 * ms, Bandwidth: 1e6, Loss: 0.01}
	for _, tt := range []struct{ over, want Shape }{
		{Shape{}, base},
		{Shape{RTT: 400 * ms}, Shape{RTT: 400 * ms, Jitter: 4 * ms, Bandwidth: 1e6, Loss: 0.01}},
		{Shape{Jitter: 9 * ms, Loss: 0.2}, Shape{RTT: 80 * ms, Jitter: 9 * ms, Bandwidth: 1e6, Loss: 0.2}},
		{Shape{RTT: ms, Jitter: ms, Bandwidth: 5, Loss: 0.5}, Shape{RTT: ms, Jitter: ms, Bandwidth: 5, Loss: 0.5}},
	} {
		if got := tt.over.Over(base); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.over, got, tt.want)
		}
	}
}

// A lease is renewed five times in its length, and a long one as often as the default's.
func TestRenewEvery(t *testing.T) {
	for lease, want := range map[time.Duration]time.Duration{
		100 * time.Millisecond: 20 * time.Millisecond, DefaultLease: 300 * time.Millisecond, 5 * time.Second: 300 * time.Millisecond, 24 * time.Hour: 300 * time.Millisecond,
	} {
		if got := RenewEvery(lease); got != want {
			t.Errorf("%s: %s, want %s", lease, got, want)
		}
	}
}

// A lost segment costs the least timeout on a short link, and two round trips on a long one.
func TestResentAfter(t *testing.T) {
	for rtt, want := range map[time.Duration]time.Duration{0: LeastResend, 100 * time.Millisecond: 200 * time.Millisecond, 300 * time.Millisecond: 600 * time.Millisecond} {
		if got := ResentAfter(rtt); got != want {
			t.Errorf("%s: %s, want %s", rtt, got, want)
		}
	}
}
