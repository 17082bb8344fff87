package format

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// A lower bound is one everywhere, and what was not measured is never a number.
func TestALowerBoundIsWordedOnce(t *testing.T) {
	for _, tt := range []struct {
		span        measure.Span
		long, short string
	}{
		{measure.Span{D: 12 * time.Second, Known: true, AtLeast: true}, "at least 12.0 s", "≥12.0 s"},
		{measure.Span{D: 12 * time.Second, Known: true}, "12.0 s", "12.0 s"},
		{measure.Span{AtLeast: true}, "unknown", "–"}, // a move of which nothing is known
		{measure.Span{}, "unknown", "–"},
	} {
		if long, short := Least(tt.span), ShortLeast(tt.span); long != tt.long || short != tt.short {
			t.Errorf("%+v is %q, in a column %q; want %q, %q", tt.span, long, short, tt.long, tt.short)
		}
	}
	if got := LeastCount(measure.Count{N: 1200, Known: true, AtLeast: true}); got != "at least 1,200" {
		t.Errorf("of a count: %q", got)
	}
	// The table of datasets has eight columns for it.
	if got := ShortLeast(measure.Span{D: 11*time.Minute + 5*time.Second, Known: true, AtLeast: true}); len([]rune(got)) > 8 {
		t.Errorf("%q is too wide", got)
	}
}
