package report

import (
	"math"
	"time"
)

func list[A, B any](in []A, each func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = each(a)
	}
	return out
}

func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1e6) / 1e6 }

func span(d time.Duration) *float64 { return ptr(seconds(d)) }

func millis(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	return ptr(math.Round(float64(*d)/1e3) / 1e3)
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func ptr[T any](v T) *T { return &v }
