package traffic

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestLatencyNeeds(t *testing.T) {
	for q, want := range map[float64]int{0.5: 2, 0.9: 10, 0.99: 100, 0.999: 1000} {
		if got := telemetry.LatencyNeeds(q); got != want {
			t.Errorf("quantile %v needs %d, want %d", q, got, want)
		}
	}
}

// TestQuantilesOfFew: no quantile of fewer requests than it needs, but the longest and how many there were.
func TestQuantilesOfFew(t *testing.T) {
	tests := []struct {
		n        int
		p50, p99 time.Duration // 0 is none
		max      time.Duration
	}{
		{0, 0, 0, 0},
		{1, 0, 0, 1 * ms},
		{2, 1 * ms, 0, 2 * ms},
		{99, 50 * ms, 0, 99 * ms},
		{100, 50 * ms, 99 * ms, 100 * ms},
	}
	for _, tt := range tests {
		var r recent
		l := newLatencies()
		r.record(0, time.Hour) // long ago
		for i := range tt.n {
			r.record(at(20), time.Duration(i+1)*ms)
		}
		r.into(&l, at(25))
		for _, c := range []struct {
			name string
			got  *time.Duration
			want time.Duration
		}{{"p50", l.quantile(0.5), tt.p50}, {"p99", l.quantile(0.99), tt.p99}, {"max", l.max(), tt.max}} {
			if (c.got == nil) != (c.want == 0) || c.got != nil && (*c.got).Round(ms) != c.want {
				t.Errorf("%s of %d: %v, want %v", c.name, tt.n, c.got, c.want)
			}
		}
		if l.n() != tt.n {
			t.Errorf("%d recorded, want %d", l.n(), tt.n)
		}
	}
}

func TestRecentIsBounded(t *testing.T) {
	var r recent
	l := newLatencies()
	for i := range mostRecent + 500 {
		r.record(0, time.Duration(i)*time.Microsecond)
	}
	if r.into(&l, 0); l.n() != mostRecent || l.quantile(0.5) == nil {
		t.Errorf("%d kept, want %d", l.n(), mostRecent)
	}
	if r.into(&l, at(10)); l.n() != mostRecent {
		t.Errorf("%d kept to the end of the window", l.n())
	}
	if r.into(&l, at(10.1)); l.n() != 0 || l.max() != nil {
		t.Errorf("%d kept after the window", l.n())
	}
}

// TestSampleLatencies: a sample twice a second has the p99 of ten seconds, which does not jump with twenty requests.
func TestSampleLatencies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Fleet.Users[0].Rate = 40 })
		w.run(t, func() {
			w.meet(func(a asked) error {
				if a.n%40 == 0 {
					return takes(480 * ms)(a)
				}
				return takes(20 * ms)(a)
			})
			time.Sleep(500 * ms)
			if s := w.sample(); s.P99 != nil || s.LatencyN < 5 || s.LatencyN > 40 || s.Max == nil || *s.Max < 20*ms {
				t.Errorf("after half a second: p99 %v, %d requests, at most %v", s.P99, s.LatencyN, s.Max)
			}
			time.Sleep(15 * time.Second)
			for range 20 {
				time.Sleep(500 * ms)
				s := w.sample()
				if s.P99 == nil || (*s.P99).Round(10*ms) != 480*ms || s.LatencyN < 300 || s.LatencyN > 500 {
					t.Errorf("p99 %v of %d", s.P99, s.LatencyN)
				}
				if s.WriteN < 60 || s.WriteN > 140 || (s.WriteP99 == nil) != (s.WriteN < 100) || s.WriteMax == nil {
					t.Errorf("writes: p99 %v of %d, at most %v", s.WriteP99, s.WriteN, s.WriteMax)
				}
			}
		})
	})
}

// TestSlowHasAFloor: where a steady request takes 1 ms, nobody is affected by 50.
func TestSlowHasAFloor(t *testing.T) {
	tests := []struct {
		name         string
		floor, takes time.Duration
		then         time.Duration
		limit        time.Duration
		affected     bool
	}{
		{"the default floor", 0, ms, 95 * ms, topology.DefaultSlow, false},
		{"above it", 0, ms, 105 * ms, topology.DefaultSlow, true},
		{"a floor from the file", 30 * ms, ms, 50 * ms, 30 * ms, true},
		{"a high floor", 400 * ms, 20 * ms, 300 * ms, 400 * ms, false},
		{"five times the steady p99", 30 * ms, 60 * ms, 290 * ms, 300 * ms, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(c *UsersConfig) { c.Fleet.Users[0].Slow = tt.floor })
				w.run(t, func() {
					steadyAt(w, tt.takes)
					w.meet(takes(tt.then))
					time.Sleep(5 * time.Second)
					s := w.sample()
					if s.Slow == nil || (*s.Slow).Round(ms) != tt.limit {
						t.Errorf("slow is above %v, want %v", s.Slow, tt.limit)
					}
					if (s.AffectedNow > 0) != tt.affected {
						t.Errorf("%d affected of %d", s.AffectedNow, s.AskedNow)
					}
				})
			})
		})
	}
}
