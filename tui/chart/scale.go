package chart

import (
	"math"
	"time"
)

// RoundUp is the next number that is easy to read on an axis.
func RoundUp(v float64) float64 {
	if v <= 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 10
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if step*unit >= v {
			return max(step*unit, 10)
		}
	}
	return max(10*unit, 10)
}

// RoundTime is the end of a scale of time: it grows in steps, so that bars do
// not shrink with every frame.
func RoundTime(d time.Duration) time.Duration {
	for _, s := range []time.Duration{1, 2, 3, 5, 8, 12, 20, 30, 45, 60, 90, 120, 180, 300, 600} {
		if d <= s*time.Second {
			return s * time.Second
		}
	}
	return d.Round(time.Minute) + time.Minute
}
