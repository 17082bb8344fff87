package web

import "testing"

func TestBurst(t *testing.T) {
	for capacity, want := range map[float64]int{0.5: 1, 4: 1, 10: 3, 100: 25} {
		if got := burst(capacity); got != want {
			t.Errorf("burst(%v) = %d, want %d", capacity, got, want)
		}
	}
}
