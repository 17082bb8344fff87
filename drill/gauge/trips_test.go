package gauge

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// shaped is a network whose links all have one shape.
type shaped struct {
	Network
	shape topology.Shape
}

func (s shaped) Shape(_, _ string) topology.Shape { return s.shape }

// A round trip of 120 ms over a link of 5 ms counts where answers take so much more, or, on a machine that was busy before,
// where none comes sooner than the link lets it. What a busy machine alone does is no proof.
func TestWhatProvesALongerRoundTrip(t *testing.T) {
	all := func(from, step int) (out []time.Duration) {
		for i := range 8 {
			out = append(out, time.Duration(from+i*step)*time.Millisecond)
		}
		return out
	}
	tests := []struct {
		name          string
		before, after []time.Duration
		proved        bool
	}{
		{"an idle machine", all(5, 0), all(121, 1), true},
		{"nothing has changed", all(5, 0), all(5, 0), false},
		{"a busy machine before", all(23, 10), all(121, 1), true},
		{"busy before, and an answer that is too soon", all(23, 10), append(all(122, 0)[1:], 40*time.Millisecond), false},
		{"so busy before that nothing is known", all(90, 5), all(121, 1), false},
		{"a busy machine, and no fault", all(5, 10), all(60, 20), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := &gauge{p: [2]string{"a", "b"}, rtt: 5 * time.Millisecond, trips: tt.before, ask: topology.Shape{RTT: 120 * time.Millisecond},
				m: Meter{Network: shaped{shape: topology.Shape{RTT: 120 * time.Millisecond}}}}
			if err := g.longer(tt.after); (err == nil) != tt.proved {
				t.Errorf("before %v, after %v: %v", tt.before, tt.after, err)
			}
		})
	}
}
