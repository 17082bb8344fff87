package link

import (
	"testing"
	"time"
)

func TestStamp(t *testing.T) {
	const ms = int64(time.Millisecond)
	tests := []struct {
		name  string
		shape Shape
		sizes []int   // sent one behind the other at time zero
		want  []int64 // arrivals
	}{
		{"plain", Shape{}, []int{100, 100}, []int64{0, 0}},
		{"half the round trip", Shape{RTT: 40 * time.Millisecond}, []int{1, 1 << 20}, []int64{20 * ms, 20 * ms}},
		{"serialised", Shape{Bandwidth: 8_000_000}, []int{1000, 2000}, []int64{1 * ms, 3 * ms}},
		{"serialised, then delayed", Shape{RTT: 10 * time.Millisecond, Bandwidth: 8_000_000}, []int{1000, 1000}, []int64{6 * ms, 7 * ms}},
		{"an end takes no bandwidth", Shape{Bandwidth: 8_000}, []int{0, 0}, []int64{0, 0}},
		{"nonsense is plain", Shape{RTT: -1, Jitter: -1, Bandwidth: -1}, []int{5}, []int64{0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newDirection(tt.shape, 1, 0)
			for i, n := range tt.sizes {
				if got, _ := w.stamp(0, n); got != tt.want[i] {
					t.Errorf("piece %d of %d bytes arrives at %v, want %v", i, n, time.Duration(got), time.Duration(tt.want[i]))
				}
			}
		})
	}
}

func TestStampJitter(t *testing.T) {
	shape := Shape{RTT: 40 * time.Millisecond, Jitter: 6 * time.Millisecond}
	draw := func(seed uint64) (all []time.Duration) {
		w := newDirection(shape, seed, 0)
		for range 5000 {
			at, _ := w.stamp(0, 1)
			all = append(all, time.Duration(at))
		}
		return all
	}
	var low, high, sum time.Duration = time.Hour, 0, 0
	all := draw(7)
	for _, d := range all {
		low, high, sum = min(low, d), max(high, d), sum+d
	}
	if low < 17*time.Millisecond || high > 23*time.Millisecond {
		t.Errorf("one way takes %v to %v, want within 20ms ± 3ms", low, high)
	}
	if low > 17100*time.Microsecond || high < 22900*time.Microsecond {
		t.Errorf("one way takes %v to %v, want nearly all of 17ms to 23ms used", low, high)
	}
	if mean := sum / time.Duration(len(all)); (mean - 20*time.Millisecond).Abs() > 100*time.Microsecond {
		t.Errorf("mean %v, want 20ms", mean)
	}
	again, other := draw(7), draw(8)
	same := 0
	for i := range all {
		if all[i] != again[i] {
			t.Fatalf("draw %d differs with the same seed: %v, %v", i, all[i], again[i])
		}
		if all[i] == other[i] {
			same++
		}
	}
	if same > len(all)/10 {
		t.Errorf("%d of %d draws are the same with another seed", same, len(all))
	}
	small := newDirection(Shape{RTT: time.Millisecond, Jitter: time.Second}, 1, 0)
	for range 1000 {
		if at, _ := small.stamp(0, 1); at < 0 {
			t.Fatalf("jitter beyond the round trip: arrives %v before it was sent", time.Duration(-at))
		}
	}
}

func TestReshapeForgetsTheQueue(t *testing.T) {
	w := newDirection(Shape{Bandwidth: 8}, 1, 0)
	if at, _ := w.stamp(0, 100); at != int64(100*time.Second) {
		t.Fatalf("100 bytes at 1 B/s arrive after %v", time.Duration(at))
	}
	w.reshape(Shape{Bandwidth: 8_000})
	if at, _ := w.stamp(0, 100); at != int64(100*time.Millisecond) {
		t.Fatalf("100 bytes at 1 kB/s arrive after %v, want not to wait for the old queue", time.Duration(at))
	}
}

func TestReadSize(t *testing.T) {
	tests := []struct {
		name      string
		bandwidth int64
		want      int
	}{
		{"unlimited", 0, chunkSize},
		{"so narrow that one segment is long", 1000, segment},
		{"two milliseconds' worth", 200_000_000, 50_000},
		{"wider than a chunk", 100_000_000_000, chunkSize},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (&Shape{Bandwidth: tt.bandwidth}).readSize(0); got != tt.want {
				t.Errorf("reads %d bytes at once, want %d", got, tt.want)
			}
		})
	}
}
