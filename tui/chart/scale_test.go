package chart

import (
	"math"
	"testing"
)

func TestRoundUp(t *testing.T) {
	for in, want := range map[float64]float64{0: 10, 3: 10, 11: 12, 125: 150, 151: 200, 999: 1000, math.Inf(1): 10} {
		if got := RoundUp(in); got != want {
			t.Errorf("%v: got %v, want %v", in, got, want)
		}
	}
}
