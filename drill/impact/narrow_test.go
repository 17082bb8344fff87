package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// narrowed is users of west who read and write at east, over a link that is made narrow: so many bytes a second crossed it each way when
// so many requests had been answered in a second.
func narrowed(bytes float64, answered int, identity *topology.Identity) *exposure {
	fleet := topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
		Links:    []topology.Link{{Between: [2]string{"east", "west"}, RTT: 100 * time.Millisecond}},
		Users:    []topology.Population{{Name: "far", Count: 1000, Rate: 20, Writes: 1, Timeout: 2 * time.Second}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east"}}},
		Routing:  topology.Routing{Probe: topology.DefaultProbe},
		Identity: identity,
	}
	s := story(drill.DrillStarted{Fleet: fleet}, drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Epoch: 1, Role: role.Authority}}},
		drill.LinksSampled{Links: []telemetry.Link{{From: "west", To: "east", Rate: bytes}, {From: "east", To: "west", Rate: bytes}}},
		drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "far", Requests: answered, OK: answered, ServedBy: map[string]int{"west": answered}}}})
	c := runbook.Command{Verb: "brownout", Between: [2]string{"east", "west"}, Shape: topology.Shape{Bandwidth: 100_000}}
	effect := effectOf(s, c)
	return newExposure(s, after(s, effect), c, effect, map[string]outcome{"orders": {}})
}

// A link that is nearly full is filled by the handshakes of the connections that more waiting makes users open: with plain connections,
// of which nothing but the request crosses it, it is not.
func TestHandshakesFillANarrowLink(t *testing.T) {
	secured := &topology.Identity{Trust: topology.TrustFederated}
	waits := func(e *exposure, at time.Duration) time.Duration {
		return wayAt(e, "west", "east", at).RTT - 100*time.Millisecond
	}
	const late = 5 * time.Second
	plain, mutual := waits(narrowed(11_000, 20, nil), late), waits(narrowed(11_000, 20, secured), late)
	if plain > 400*time.Millisecond || mutual < 5*plain {
		t.Errorf("five seconds later a request waits for %s, and for %s with handshakes", plain, mutual)
	}
	wide := narrowed(2000, 20, secured)
	if got := waits(wide, late); got > 100*time.Millisecond {
		t.Errorf("of a link that is not nearly full: %s", got)
	}
	if first := waits(narrowed(11_000, 20, secured), 0); first > 200*time.Millisecond {
		t.Errorf("at first: %s", first)
	}
	if before := roundTripAt(wide, "west", "east", -1); before != 100*time.Millisecond {
		t.Errorf("before it was narrow: %s", before)
	}
}

// The bytes of one window are those of its requests, which were more or less than users send on average.
func TestAWindowOfManyRequestsIsNotTheirAverage(t *testing.T) {
	if got := usually(narrowed(11_000, 40, nil), "west", "east"); got != 0.5 {
		t.Errorf("of twice as many as usual: %v", got)
	}
	if got := usually(narrowed(11_000, 0, nil), "west", "east"); got != 1 {
		t.Errorf("of none: %v", got)
	}
}
