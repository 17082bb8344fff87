package drawing

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
)

// What failed stands on what was answered, and nothing is drawn where nothing was counted.
func TestALoadIsStackedAndBroken(t *testing.T) {
	l := curve.Load{Width: time.Second, Points: []curve.Rate{{OK: 10, Known: true}, {At: time.Second}, {At: 2 * time.Second, OK: 5, Failed: 5, Known: true}}}
	d := LoadOf(l, nil, 0, 3*time.Second, 0)
	if len(d.OK) != 2 || len(d.Failed) != 2 {
		t.Fatalf("%d and %d areas, want two of each", len(d.OK), len(d.Failed))
	}
	top, half, base := "12.0", "59.0", "106.0"
	if !strings.Contains(d.OK[0], ","+top) || !strings.Contains(d.OK[1], ","+half) || !strings.Contains(d.OK[1], ","+base) {
		t.Errorf("answered: %q", d.OK)
	}
	if f := d.Failed[1]; !strings.Contains(f, ","+top) || !strings.Contains(f, ","+half) || strings.Contains(f, ","+base) {
		t.Errorf("failed: %q", f)
	}
}

// A bar's text stands where there is room: after it, before it, or in it.
func TestABarsText(t *testing.T) {
	d := BarsOf("x", []Span{{"short", 0, time.Millisecond}, {"late", 9 * time.Second, time.Second}, {"whole", 0, 10 * time.Second}})
	after, before, inside := d.Rows[0], d.Rows[1], d.Rows[2]
	if after.Left || after.Inside || after.Width < 1 || !before.Left || before.TextX >= before.X || !inside.Inside || inside.TextX <= inside.X {
		t.Errorf("%+v", d.Rows)
	}
}
