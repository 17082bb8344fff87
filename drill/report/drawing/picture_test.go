package drawing

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
)

// A line is broken where nothing was measured: no part of it leads across.
func TestALineIsBrokenWhereNothingWasMeasured(t *testing.T) {
	l := curve.Line{Width: time.Second, Points: []curve.Point{{Known: true, Share: 1}, {At: time.Second}, {At: 2 * time.Second, Known: true}}}
	got := parts(l, func(at time.Duration) float64 { return at.Seconds() }, func(share float64) float64 { return share })
	if want := []string{"0.0,1.0 1.0,1.0", "2.0,0.0 3.0,0.0"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
