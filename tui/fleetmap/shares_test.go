package fleetmap

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// A population that is spread over regions has a line to each with its share; one that is refused by law says so; and a
// region that answers and is held down is told apart from one that is dead.
func TestSharesRefusalsAndHolds(t *testing.T) {
	s, apply := fleetOf(3, "orders")
	apply(drill.Rerouted{Population: "users0", From: regionName(0), To: regionName(0), Shares: map[string]float64{regionName(0): 0.7, regionName(1): 0.2, regionName(2): 0.1}, Why: "so"})
	text := drawn(s, 110, 19)
	for _, want := range []string{"70 %, 10 ms", " 20 % ", " 10 % ", "├"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	apply(drill.Rerouted{Population: "users1", From: regionName(1), Refused: true, Why: "no region in EU is up"},
		drill.RegionJudged{Region: regionName(1), After: 3, Why: "timeout"}, drill.RegionHeld{Region: regionName(1), For: 5 * time.Second})
	text = drawn(s, 110, 19)
	for _, want := range []string{"refused", "held 5.0 s"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	apply(drill.RegionFlapping{Region: regionName(1), On: true, Downs: 3, Within: 30 * time.Second})
	if text = drawn(s, 110, 19); !strings.Contains(text, "flaps, held 5.0 s") {
		t.Errorf("it does not flap in\n%s", text)
	}
}
