package recovery

import (
	"math"
	"testing"
	"time"
)

// Where many ask, users have recovered when the last window with too much that is bad is over. Where few do, one bad request
// decides, and may come or not.
func TestEndings(t *testing.T) {
	flow := func(perSecond, badShare float64) (ended, bad []float64) {
		for i := range int(4 * time.Second / Slice) {
			n := perSecond * Slice.Seconds()
			ended, bad = append(ended, n), append(bad, 0)
			if at := time.Duration(i) * Slice; at < time.Second {
				bad[i] = n
			} else if at < 2*time.Second {
				bad[i] = n * badShare
			}
		}
		return ended, bad
	}
	mean := func(all []Ending) (at float64) {
		chance := 0.0
		for _, e := range all {
			at, chance = at+e.At.Seconds()*e.Chance, chance+e.Chance
		}
		if math.Abs(chance-1) > 0.01 {
			t.Errorf("the chances add up to %v", chance)
		}
		return at
	}
	for _, tt := range []struct {
		name                string
		perSecond, badShare float64
		phases              int
		want                float64
	}{
		{"many, all good afterwards", 10000, 0, 1, 1},
		{"many, half bad for a second more", 10000, 0.5, 1, 2},
		{"many, less than is tolerated", 10000, 0.005, 1, 1},
		{"few, of whom one in a hundred is bad, which is seldom one", 10, 0.01, 1, 1.07},
		{"few, half bad", 10, 0.5, 1, 1.96},
		{"many, wherever the window began", 10000, 0, 4, 1.1875},
	} {
		ended, bad := flow(tt.perSecond, tt.badShare)
		if got := mean(Judge{Tolerated: 0.01, Lasting: time.Second, Phases: tt.phases, Least: Window}.Endings(ended, bad)); math.Abs(got-tt.want) > 0.05 {
			t.Errorf("%s: after %v s, want %v", tt.name, got, tt.want)
		}
	}
}

// The chance to count more than a number is a half at the mean and none far above it, however many are counted.
func TestExceeds(t *testing.T) {
	for _, mean := range []float64{100, manyCounts, manyCounts + 1, 800, 100_000} {
		deviation := math.Sqrt(mean)
		for _, tt := range []struct{ above, want float64 }{{-6, 1}, {-1, 0.84}, {0, 0.5}, {1, 0.16}, {6, 0}} {
			if got := Exceeds(mean, mean+tt.above*deviation); math.Abs(got-tt.want) > 0.03 {
				t.Errorf("of %v more than %v deviations above it: %v, want %v", mean, tt.above, got, tt.want)
			}
		}
	}
}

// Where a request hangs until its user gives up, nothing ends badly for so long. What ended before is good, which is a recovery only where
// it lasts longer than anybody waits, and not before the router has judged what is gone.
func TestWhatHangsIsBadWhenItEnds(t *testing.T) {
	ended, bad := make([]float64, 400), make([]float64, 400) // ten seconds
	for i := range ended {
		ended[i] = 10
		if at := time.Duration(i) * Slice; at >= 3*time.Second && at < 4*time.Second {
			bad[i] = 10
		}
	}
	for _, tt := range []struct {
		name             string
		lasting, settled time.Duration
		want             time.Duration
	}{
		{"good for as long as anybody waits", 2500 * time.Millisecond, 0, Window},
		{"good, but for less", 3500 * time.Millisecond, 0, 4 * time.Second},
		{"good, but nobody has judged the region", 2500 * time.Millisecond, 3500 * time.Millisecond, 4 * time.Second},
	} {
		got := Judge{Tolerated: 0.01, Lasting: tt.lasting, Settled: tt.settled, Least: Window, Phases: 1}.Endings(ended, bad)
		if len(got) != 1 || got[0].At != tt.want || math.Abs(got[0].Chance-1) > 0.01 {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
	}
}
