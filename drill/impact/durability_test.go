package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Who writes beside a cut-off authority is served until its lease is over, where it may
// acknowledge alone; where it needs a copy from the other side of the cut, no write is
// acknowledged from the first moment.
func TestACutOffAuthorityWithAndWithoutCopies(t *testing.T) {
	near := func(mode drill.Mode, with string, c drill.Command) float64 {
		slow := 5 * time.Second
		fleet := drill.Fleet{
			Regions:  []drill.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}},
			Routing:  drill.Routing{Probe: drill.DefaultProbe}, // users move as soon as it is called down
			Failover: drill.FailoverPolicy{Decide: "auto", Fence: true, Lease: drill.DefaultLease},
			Users:    []drill.Population{{Name: "near", Count: 1e6, Rate: 100, Writes: 1, Timeout: 2 * time.Second}},
			Datasets: []drill.Dataset{{Name: "orders", Mode: mode, With: with, Authority: "east", Regions: []string{"east", "west", "south"}}},
		}
		bodies := []drill.Body{drill.DrillStarted{Fleet: fleet}}
		var stores []drill.StoreSample
		for i, r := range fleet.Regions {
			bodies = append(bodies, drill.RegionJudged{Region: r.Name, Up: true})
			stores = append(stores, drill.StoreSample{Dataset: "orders", Region: r.Name, Epoch: 1, Role: []drill.Role{drill.RoleAuthority, drill.RoleFollower, drill.RoleFollower}[i]})
		}
		s := story(append(bodies, drill.StoresSampled{Stores: stores},
			drill.TrafficSampled{Window: time.Second, Populations: []drill.PopulationSample{{Population: "near", ServedBy: map[string]int{"east": 100}, Slow: &slow}}})...)
		return predict(s, c).Users["near"]
	}
	cutOff := drill.Command{Verb: drill.VerbPartition, Between: [2]string{"east", drill.EndOthers}}
	async := near(drill.ModeAsync, "", cutOff)
	if async > 0.3 {
		t.Errorf("async: %.2f affected, but only from when the router has moved them until the successor leads", async)
	}
	for name, got := range map[string]float64{
		"sync": near(drill.ModeSync, "west", cutOff), "quorum": near(drill.ModeQuorum, "", cutOff),
	} {
		if got < async+0.25 {
			t.Errorf("%s: %.2f affected, async %.2f: writes wait in vain for a copy from the other side", name, got, async)
		}
	}
	// A cut of one link leaves quorum its majority, and takes its partner from sync.
	one := drill.Command{Verb: drill.VerbPartition, Between: [2]string{"east", "west"}}
	if got := near(drill.ModeQuorum, "", one); got != 0 {
		t.Errorf("quorum: %.2f affected by one link of two", got)
	}
	if got := near(drill.ModeSync, "west", one); got < 0.75 {
		t.Errorf("sync: %.2f affected by a cut from its partner", got)
	}
}

// What a browned-out link does to those who write over it: jitter makes some too slow, too little
// bandwidth for what crosses it now makes a queue, and new connections shake hands first.
func TestASlowLinkByItsShape(t *testing.T) {
	far := func(shape drill.Shape, was time.Duration, bytes float64) float64 {
		slow := 500 * time.Millisecond
		s := story(
			drill.DrillStarted{Fleet: drill.Fleet{
				Regions:  []drill.Region{{Name: "east"}, {Name: "west"}},
				Links:    []drill.Link{{Between: [2]string{"east", "west"}, RTT: was}},
				Routing:  drill.Routing{Probe: drill.DefaultProbe},
				Users:    []drill.Population{{Name: "far", Count: 1e6, Rate: 100, Writes: 1, Timeout: 2 * time.Second}},
				Datasets: []drill.Dataset{{Name: "orders", Mode: drill.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
			}},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
			drill.StoresSampled{Stores: []drill.StoreSample{{Dataset: "orders", Region: "east", Role: drill.RoleAuthority, Epoch: 1}}},
			drill.LinksSampled{Links: []drill.LinkSample{{From: "west", To: "east", Rate: bytes}}},
			drill.TrafficSampled{Window: time.Second, Populations: []drill.PopulationSample{{Population: "far", ServedBy: map[string]int{"west": 100}, Slow: &slow}}},
		)
		return predict(s, drill.Command{Verb: "brownout", Between: [2]string{"east", "west"}, Shape: shape}).Share
	}
	ms := time.Millisecond
	for _, tt := range []struct {
		name        string
		shape       drill.Shape
		was         time.Duration
		bytes       float64
		least, most float64
	}{
		{"within the threshold", drill.Shape{RTT: 240 * ms}, 200 * ms, 0, 0, 0},
		{"jitter beyond it, half of the time", drill.Shape{RTT: 500 * ms, Jitter: 100 * ms}, 500 * ms, 0, 0.45, 0.55},
		{"some jitter beyond it", drill.Shape{RTT: 450 * ms, Jitter: 100 * ms}, 450 * ms, 0, 0.2, 0.3},
		{"a handshake beyond it, for a while", drill.Shape{RTT: 400 * ms}, 100 * ms, 0, 0.03, 0.1},
		{"enough bandwidth", drill.Shape{Bandwidth: 1e6}, 100 * ms, 50e3, 0, 0},
		{"half of the bandwidth that is needed", drill.Shape{Bandwidth: 1e6}, 100 * ms, 250e3, 0.9, 1},
		{"a loss that costs a timeout", drill.Shape{RTT: 200 * ms, Loss: 0.01}, 200 * ms, 0, 0.5, 1},
	} {
		if got := far(tt.shape, tt.was, tt.bytes); got < tt.least || got > tt.most {
			t.Errorf("%s: %.2f of the users, want %.2f to %.2f", tt.name, got, tt.least, tt.most)
		}
	}
}

// Once sync's partner leads, it waits for a copy of another replica: of the authority of before,
// where that is still there.
func TestSyncsNextPartner(t *testing.T) {
	s := story(drill.DrillStarted{Fleet: drill.Fleet{
		Regions:  []drill.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}},
		Datasets: []drill.Dataset{{Name: "orders", Mode: drill.ModeSync, With: "west", Authority: "east", Regions: []string{"east", "west", "south"}}},
	}},
		drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true}, drill.RegionJudged{Region: "south", Up: true},
		drill.StoresSampled{Stores: []drill.StoreSample{{Dataset: "orders", Region: "east", Role: drill.RoleAuthority, Epoch: 1}}})
	for _, tt := range []struct {
		effect          drill.Effect
		authority, want string
	}{
		{drill.Effect{}, "east", "west"},
		{drill.Effect{Empties: []string{"east"}}, "west", "east"},
		{drill.Effect{Stops: []string{"east"}}, "west", "south"},
	} {
		then := after(s, tt.effect)
		e := newExposure(s, then, drill.Command{}, tt.effect, nil)
		if got := e.copier(then.Dataset("orders"), tt.authority); got != tt.want {
			t.Errorf("%+v: %s waits for %q, want %q", tt.effect, tt.authority, got, tt.want)
		}
	}
}
