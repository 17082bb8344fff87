package retry

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
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
	if got, known := AttemptsNow(s.Populations[0]).Amplification(); !known || got != 1.5 {
		t.Errorf("now it is %v", got)
	}
	if got := AttemptsOf(s.Populations[0]); got != (Attempts{Requests: 100, Retries: 20}) {
		t.Errorf("of the first: %+v", got)
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

// The worst second is the one in which most was sent again, of those with requests enough; who is shed is counted by its reason.
func TestStormsAndSheds(t *testing.T) {
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{Users: []topology.Population{{Name: "u"}, {Name: "calm"}}}}})
	if _, known := ShedNow(s); known {
		t.Error("of no request a share is shed")
	}
	for i, second := range []struct{ requests, shed, retries int }{{20, 0, 0}, {20, 10, 40}, {20, 5, 10}, {2, 0, 9}, {20, 2, 0}} {
		s.Apply(drill.Event{Seq: uint64(i + 2), T: time.Duration(i+1) * time.Second, Body: drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
			{Population: "u", Requests: second.requests, OK: second.requests - second.shed, Failed: second.shed, Failures: map[string]int{shedWhy: second.shed}, Retries: second.retries},
			{Population: "calm", Requests: 20, OK: 20},
		}}})
	}
	if got, ok := AttemptsWorst(s.Population("u")); !ok || got != (Attempts{Requests: 20, Retries: 40}) {
		t.Errorf("at worst %+v, %v", got, ok)
	}
	if _, ok := AttemptsWorst(s.Population("calm")); ok {
		t.Error("who retries nothing has a worst second")
	}
	if share, known := ShedNow(s); !known || share != 0.05 || ShedEver(s) != 17 {
		t.Errorf("shed %v now, %d ever", share, ShedEver(s))
	}
}
