package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/impact/timing"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Who writes beside a cut-off authority is served until its lease is over, where it may
// acknowledge alone; where it needs a copy from the other side of the cut, no write is
// acknowledged from the first moment.
func TestACutOffAuthorityWithAndWithoutCopies(t *testing.T) {
	near := func(mode topology.Mode, with string, c runbook.Command) float64 {
		slow := 5 * time.Second
		fleet := topology.Fleet{
			Regions:  []topology.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}},
			Routing:  topology.Routing{Probe: topology.DefaultProbe}, // users move as soon as it is called down
			Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
			Users:    []topology.Population{{Name: "near", Count: 1e6, Rate: 100, Writes: 1, Timeout: 2 * time.Second}},
			Datasets: []topology.Dataset{{Name: "orders", Mode: mode, With: with, Authority: "east", Regions: []string{"east", "west", "south"}}},
		}
		bodies := []drill.Body{drill.DrillStarted{Fleet: fleet}}
		var stores []telemetry.Replica
		for i, r := range fleet.Regions {
			bodies = append(bodies, drill.RegionJudged{Region: r.Name, Up: true})
			stores = append(stores, telemetry.Replica{Dataset: "orders", Region: r.Name, Epoch: 1, Role: []role.Role{role.Authority, role.Follower, role.Follower}[i]})
		}
		s := story(append(bodies, drill.StoresSampled{Stores: stores},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "near", ServedBy: map[string]int{"east": 100}, Slow: &slow}}})...)
		return predict(s, c).Users["near"]
	}
	cutOff := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"east", topology.EndOthers}}
	async := near(topology.ModeAsync, "", cutOff)
	if async > 0.3 {
		t.Errorf("async: %.2f affected, but only from when the router has moved them until the successor leads", async)
	}
	for name, got := range map[string]float64{
		"sync": near(topology.ModeSync, "west", cutOff), "quorum": near(topology.ModeQuorum, "", cutOff),
	} {
		if got < async+0.25 {
			t.Errorf("%s: %.2f affected, async %.2f: writes wait in vain for a copy from the other side", name, got, async)
		}
	}
	// A cut of one link leaves quorum its majority, and takes its partner from sync.
	one := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"east", "west"}}
	if got := near(topology.ModeQuorum, "", one); got != 0 {
		t.Errorf("quorum: %.2f affected by one link of two", got)
	}
	if got := near(topology.ModeSync, "west", one); got < 0.75 {
		t.Errorf("sync: %.2f affected by a cut from its partner", got)
	}
}

// What a browned-out link does to those who write over it: jitter makes some too slow, too little
// bandwidth for what crosses it now makes a queue, and new connections shake hands first.
func TestASlowLinkByItsShape(t *testing.T) {
	far := func(shape topology.Shape, was time.Duration, bytes float64) float64 {
		slow := 500 * time.Millisecond
		s := story(
			drill.DrillStarted{Fleet: topology.Fleet{
				Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
				Links:    []topology.Link{{Between: [2]string{"east", "west"}, RTT: was}},
				Routing:  topology.Routing{Probe: topology.DefaultProbe},
				Users:    []topology.Population{{Name: "far", Count: 1e6, Rate: 100, Writes: 1, Timeout: 2 * time.Second}},
				Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
			}},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
			drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}}},
			drill.LinksSampled{Links: []telemetry.Link{{From: "west", To: "east", Rate: bytes}}},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "far", ServedBy: map[string]int{"west": 100}, Slow: &slow}}},
		)
		return predict(s, runbook.Command{Verb: "brownout", Between: [2]string{"east", "west"}, Shape: shape}).Share
	}
	ms := time.Millisecond
	for _, tt := range []struct {
		name        string
		shape       topology.Shape
		was         time.Duration
		bytes       float64
		least, most float64
	}{
		{"within the threshold", topology.Shape{RTT: 240 * ms}, 200 * ms, 0, 0, 0},
		{"jitter beyond it, half of the time", topology.Shape{RTT: 500 * ms, Jitter: 100 * ms}, 500 * ms, 0, 0.45, 0.55},
		{"some jitter beyond it", topology.Shape{RTT: 450 * ms, Jitter: 100 * ms}, 450 * ms, 0, 0.2, 0.3},
		{"a handshake beyond it, for a while", topology.Shape{RTT: 400 * ms}, 100 * ms, 0, 0.15, 0.3}, // of those who find no connection idle
		{"enough bandwidth", topology.Shape{Bandwidth: 1e6}, 100 * ms, 50e3, 0, 0},
		{"half of the bandwidth that is needed", topology.Shape{Bandwidth: 1e6}, 100 * ms, 250e3, 0.9, 1},
		{"a loss that costs a timeout, of a segment each way", topology.Shape{RTT: 200 * ms, Loss: 0.01}, 200 * ms, 0, 0.01, 0.05},
	} {
		if got := far(tt.shape, tt.was, tt.bytes); got < tt.least || got > tt.most {
			t.Errorf("%s: %.2f of the users, want %.2f to %.2f", tt.name, got, tt.least, tt.most)
		}
	}
}

// Users who are served from too far away while a fault holds have not recovered from it: the prediction counts until it is
// lifted, as the measurement does.
func TestSlownessIsPredictedUntilTheFaultIsLifted(t *testing.T) {
	const ms = time.Millisecond
	share := func(slow time.Duration) float64 {
		s := story(
			drill.DrillStarted{Fleet: topology.Fleet{
				Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
				Links:    []topology.Link{{Between: [2]string{"east", "west"}, RTT: 80 * ms}},
				Routing:  topology.Routing{Probe: topology.DefaultProbe},
				Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
				Users: []topology.Population{
					{Name: "near", Count: 1000, Rate: 100, Timeout: 2 * time.Second, RTT: map[string]time.Duration{"east": 10 * ms, "west": 300 * ms}},
					{Name: "far", Count: 1000, Rate: 100, Writes: 1, Timeout: 2 * time.Second, RTT: map[string]time.Duration{"east": 90 * ms, "west": 10 * ms}},
				},
				Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
			}},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
			drill.StoresSampled{Stores: []telemetry.Replica{
				{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}, {Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1}}},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
				{Population: "near", ServedBy: map[string]int{"east": 100}, Slow: &slow}, {Population: "far", ServedBy: map[string]int{"west": 100}, Slow: &slow}}},
		)
		return predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"}).Share
	}
	// A fault is taken to last for ten seconds: near's are half of those who ask then, and all of them are slow; of far's those
	// who wrote in the first second and a half are affected. Near enough is who does not have to open a connection as well.
	if fast, slow := share(500*ms), share(200*ms); fast > 0.54 || slow < 0.57 || slow > 0.68 {
		t.Errorf("%.2f affected where the other region is near enough, %.2f where it is too far", fast, slow)
	}
}

// Users of a region that keeps no replica read from the nearest that does: its fault is theirs, until their region
// has found out.
func TestReadsOfARegionWithoutAReplica(t *testing.T) {
	const ms = time.Millisecond
	slow := 250 * ms
	far := topology.Population{Name: "far", Count: 10_000, Rate: 100, Timeout: 2 * time.Second, RTT: map[string]time.Duration{"south": 10 * ms}}
	story := func(pinned string, link time.Duration) *drill.State {
		set := topology.Dataset{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}
		if pinned != "" {
			set.Mode, set.Jurisdiction = topology.ModePinned, pinned
		}
		fleet := topology.Fleet{
			Regions:  []topology.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}},
			Links:    []topology.Link{{Between: [2]string{"south", "west"}, RTT: link}, {Between: [2]string{"south", "east"}, RTT: 2 * link}},
			Users:    []topology.Population{far},
			Datasets: []topology.Dataset{set},
			Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
			Routing:  topology.Routing{Probe: topology.DefaultProbe},
		}
		s := story(drill.DrillStarted{Fleet: fleet},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true}, drill.RegionJudged{Region: "south", Up: true},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "far", ServedBy: map[string]int{"south": 10}, Slow: &slow}}})
		return s
	}
	for _, tt := range []struct {
		name string
		link time.Duration
		e    runbook.Effect
		at   time.Duration
		d    string
		want float64
	}{
		{"nothing is broken", 20 * ms, runbook.Effect{}, 0, "", 0},
		{"nothing is broken, and it is far", 300 * ms, runbook.Effect{}, 0, "", 1},
		{"the nearest is gone: its silence is waited for", 20 * ms, runbook.Effect{Stops: []string{"west"}}, 0, "", 1},
		{"the nearest is gone, which is known by now", 20 * ms, runbook.Effect{Stops: []string{"west"}}, 1500 * ms, "", 0},
		{"and the other one is too far", 150 * ms, runbook.Effect{Stops: []string{"west"}}, 1500 * ms, "", 1},
		{"the other one is gone", 20 * ms, runbook.Effect{Stops: []string{"east"}}, 0, "", 0},
		{"both are gone", 20 * ms, runbook.Effect{Stops: []string{"east", "west"}}, 5 * time.Second, "", 1},
		{"both were gone", 20 * ms, runbook.Effect{Stops: []string{"east", "west"}}, ahead.DefaultUndone, "", 0},
		{"residency keeps it out", 20 * ms, runbook.Effect{}, 0, "eu", 1},
	} {
		s := story(tt.d, tt.link)
		then := after(s, tt.e)
		e := newExposure(s, then, runbook.Command{}, tt.e, nil)
		k := class{pop: then.Populations[0], share: 1, stays: []stay{{to: only("south")}}}
		if got := e.request(k, tt.at, "south", "orders", false).bad; got != tt.want {
			t.Errorf("%s: %v of the reads, want %v", tt.name, got, tt.want)
		}
	}
}

// Once sync's partner leads, it waits for a copy of another replica: of the authority of before,
// where that is still there.
func TestSyncsNextPartner(t *testing.T) {
	s := story(drill.DrillStarted{Fleet: topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeSync, With: "west", Authority: "east", Regions: []string{"east", "west", "south"}}},
	}},
		drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true}, drill.RegionJudged{Region: "south", Up: true},
		drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}}})
	for _, tt := range []struct {
		effect          runbook.Effect
		authority, want string
	}{
		{runbook.Effect{}, "east", "west"},
		{runbook.Effect{Empties: []string{"east"}}, "west", "east"},
		{runbook.Effect{Stops: []string{"east"}}, "west", "south"},
	} {
		then := after(s, tt.effect)
		e := newExposure(s, then, runbook.Command{}, tt.effect, nil)
		if got := e.copier(then.Dataset("orders"), tt.authority, 0); got != tt.want {
			t.Errorf("%+v: %s waits for %q, want %q", tt.effect, tt.authority, got, tt.want)
		}
	}
}

// A cut-off authority's lease was last renewed half an interval before, from a reading of its clock that was an interval old; a long
// lease is renewed as often as the default's. Its successor waits for the lease of a renewal that may have arrived.
func TestALeaseThatIsNotRenewed(t *testing.T) {
	for lease, want := range map[time.Duration]time.Duration{topology.DefaultLease: 1050 * time.Millisecond, 5 * time.Second: 4550 * time.Millisecond} {
		fleet := twoRegions()
		fleet.Failover.Lease = lease
		s := story(drill.DrillStarted{Fleet: fleet})
		if got := newExposure(s, s, runbook.Command{}, runbook.Effect{}, nil).leaseEnd; got != want {
			t.Errorf("a lease of %s is over after %s, want %s", lease, got, want)
		}
		if got := timing.Succession(fleet, runbook.Effect{}); got != want+300*time.Millisecond {
			t.Errorf("after a lease of %s another leads after %s, and the lease was over after %s", lease, got, want)
		}
	}
}
