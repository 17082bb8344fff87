package exchange

import (
	"testing"
	"time"
)

// A region's data is taken for lost with its web tier only where neither its gateway nor its store has answered meanwhile.
func TestTheWebTierAlone(t *testing.T) {
	const failing = 5 * time.Second
	for _, tt := range []struct {
		name  string
		o     Judged
		known bool
		heard time.Duration
		want  bool
	}{
		{"up", Judged{Up: true, Gateway: true}, true, 6 * time.Second, false},
		{"nothing answers", Judged{Failing: failing}, true, 4 * time.Second, false},
		{"its store answers", Judged{Failing: failing}, true, 6 * time.Second, true},
		{"its store has never answered", Judged{Failing: failing}, false, 6 * time.Second, false},
		{"one probe failed, whose time is not known", Judged{}, true, 6 * time.Second, false},
		{"its gateway answers for itself", Judged{Gateway: true}, false, 0, true},
	} {
		if got := tt.o.WebAlone(tt.known, tt.heard); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
