package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

func TestAttemptsAndQueues(t *testing.T) {
	s := drill.NewState()
	if _, known := AttemptsEver(s).Amplification(); known {
		t.Error("of no request an amplification is known")
	}
	s.Populations = []*drill.PopulationState{
		{Last: &telemetry.Population{Requests: 10, Retries: 5, TotalRequests: 100, TotalRetries: 20, ServedBy: map[string]int{"a": 6, "b": 2},
			Queued: map[string]telemetry.Queued{"a": {N: 3, Sum: 120 * time.Millisecond, Max: 90 * time.Millisecond}}}},
		{Last: &telemetry.Population{Requests: 10, TotalRequests: 100, ServedBy: map[string]int{"a": 6}}},
		{},
	}
	if got, known := AttemptsEver(s).Amplification(); !known || got != 1.1 {
		t.Errorf("ever it is %v", got)
	}
	if mean, longest, ok := QueuedNow(s, "a"); !ok || mean != 10*time.Millisecond || longest != 90*time.Millisecond {
		t.Errorf("in a they wait %s, %s at most", mean, longest)
	}
	if mean, _, ok := QueuedNow(s, "b"); !ok || mean != 0 {
		t.Errorf("in b they wait %s", mean)
	}
	if _, _, ok := QueuedNow(s, "c"); ok {
		t.Error("of a region that answers nobody a wait is known")
	}
}
