package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/impact/timing"
	"github.com/fleetdrill/fleetdrill/drill/impact/wording"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func killTier(region string) runbook.Effect {
	return runbook.Effect{Weakens: []runbook.Weakening{{Region: region, Part: runbook.PartWeb}}, Undo: runbook.VerbRestore}
}

// A gateway without a web tier refuses probes at once: that is found out sooner than a silence, by a probe's timeout.
func TestWhatIsRefusedIsFoundOutSooner(t *testing.T) {
	s := readers(100_000, 1000, topology.EntryLB, func(f *topology.Fleet) { f.Routing.Policy, f.Routing.Weights = "nearest", nil })
	kill, tier := runbook.Command{Verb: runbook.VerbKill, Region: "east"}, runbook.Command{Verb: "kill-tier", Region: "east"}
	f := s.Fleet
	if silent, refused := timing.Detected(f, effectOf(s, kill)), timing.Detected(f, killTier("east")); silent-refused != f.Routing.Probe.Timeout {
		t.Errorf("%s and %s", silent, refused)
	}
	// All fail for 625 ms, and the window in which that ends goes on for a while; nobody hangs.
	if p := Predict(s, tier, killTier("east")); p.Share < 0.7 || p.Share > 0.85 {
		t.Errorf("%v of the users", p.Share)
	}
}

// A region that lost its web tier before goes on keeping data: others read there, and pay the way to it alone.
func TestAReplicaWithoutAWebTierIsRead(t *testing.T) {
	slow := 100 * time.Millisecond
	fleet := topology.Fleet{
		Regions: []topology.Region{{Name: "far"}, {Name: "near"}, {Name: "bare"}},
		Links: []topology.Link{
			{Between: [2]string{"bare", "near"}, RTT: 20 * time.Millisecond}, {Between: [2]string{"bare", "far"}, RTT: 300 * time.Millisecond},
			{Between: [2]string{"near", "far"}, RTT: 300 * time.Millisecond},
		},
		Users:    []topology.Population{{Name: "readers", Count: 1000, Rate: 100, Timeout: 2 * time.Second}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "far", Regions: []string{"far", "near"}}},
		Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe},
	}
	gone := drill.FaultProved{ID: 1, Fault: "kill-tier", Region: "near", Part: runbook.PartWeb, Effect: killTier("near")}
	s := story(drill.DrillStarted{Fleet: fleet}, drill.RegionJudged{Region: "far", Up: true}, drill.RegionJudged{Region: "near", Up: true},
		drill.RegionJudged{Region: "bare", Up: true}, drill.StoresSampled{Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "far", Epoch: 1, Role: role.Authority}, {Dataset: "orders", Region: "near", Epoch: 1, Role: role.Follower},
		}}, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "readers", ServedBy: map[string]int{"bare": 100}, Slow: &slow}}},
		gone, drill.RegionJudged{Region: "near", Up: false})
	// A zone elsewhere is lost, which is nothing to these readers.
	p := Predict(s, runbook.Command{Verb: "kill-tier", Region: "far"}, killTier("far"))
	if p.Share > 0.01 {
		t.Errorf("%v of the users, as if the way went to the region that is far", p.Share)
	}
}

// What nobody else can lead is led again by the region that had it, once that is back.
func TestTheOnlyReplicaLeadsAgain(t *testing.T) {
	fleet := topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
		Users:    []topology.Population{{Name: "writers", Count: 1000, Rate: 100, Writes: 1, Timeout: time.Second}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east"}}},
		Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
	}
	kill, restore := runbook.Command{Verb: runbook.VerbKill, Region: "east"}, runbook.Command{Verb: runbook.VerbRestore, Region: "east"}
	s := story(drill.DrillStarted{Fleet: fleet, Plan: &runbook.Plan{Steady: runbook.Steady{Success: 0.99}, Steps: []runbook.Step{{Command: kill}, {At: 4 * time.Second, Command: restore}}}},
		drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Epoch: 1, Role: role.Authority}}},
		drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "writers", ServedBy: map[string]int{"west": 100}}}})
	e := newExposure(s, after(s, effectOf(s, kill)), kill, effectOf(s, kill), map[string]outcome{"orders": outcomeOf(after(s, effectOf(s, kill)), s.Dataset("orders"), effectOf(s, kill))})
	k := class{pop: s.Population("writers"), share: 1, stays: []stay{{to: only("west")}}}
	if before, after := e.to(k, 3*time.Second, "west").bad, e.to(k, 5*time.Second, "west").bad; before != 1 || after != 0 {
		t.Errorf("%v are bad while it is gone, %v once it is back", before, after)
	}
}

// Requests that wait for their turn are slow before a region sheds any: with a long queue for a long time.
func TestAQueueThatGrowsIsSlow(t *testing.T) {
	slow := 300 * time.Millisecond
	s := story(drill.DrillStarted{Fleet: topology.Fleet{
		Name: "f", Regions: []topology.Region{{Name: "a"}}, Web: topology.Web{Replicas: 1, Capacity: 100, Queue: 2 * time.Second},
		Users: []topology.Population{{Name: "u", Rate: 120, Count: 100, Timeout: 4 * time.Second}},
	}}, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "u", ServedBy: map[string]int{"a": 120}, Slow: &slow}}})
	k := class{pop: s.Population("u"), share: 1, stays: []stay{{to: only("a")}}}
	e := &exposure{s: s, all: []class{k}, Steps: ahead.Steps{Undone: never}}
	// 20/s more than it takes: its burst of 250 ms lasts for 1.25 s, the wait is 300 ms after another 1.5 s, and 2 s after 11.25 s.
	for _, tt := range []struct {
		at        time.Duration
		bad, shed bool
	}{{2 * time.Second, false, false}, {4 * time.Second, true, false}, {10 * time.Second, true, false}, {13 * time.Second, true, true}} {
		f, turn := e.attempt(k, tt.at), e.turnAt("a", tt.at)
		if bad := f.bad > 0.9; bad != tt.bad || (turn.shed > 0) != tt.shed {
			t.Errorf("after %s %.2f are bad, %.2f shed, and others wait %s", tt.at, f.bad, turn.shed, turn.wait)
		}
	}
}

// A zone that is killed is refused at once where it is a process, and falls silent where it is a node.
func TestAKilledZoneIsSilentWhereItIsANode(t *testing.T) {
	zone := runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: "east-a", Web: 2.0 / 3}}, Undo: runbook.VerbRestore}
	for node, silent := range map[string]bool{"": false, "worker-1": true} {
		s := readers(100_000, 1000, topology.EntryLB, func(f *topology.Fleet) { f.Routing.Policy, f.Routing.Weights = "nearest", nil })
		s.Region("east").Seen = &drill.RegionSeen{Region: "east", Zones: []telemetry.Zone{{Name: "east-a", Ready: true, Node: node}}}
		if p := Predict(s, runbook.Command{Verb: runbook.VerbKill, Domain: topology.Target{Kind: topology.DomainZone, Name: "east-a"}}, zone); (p.Share > 0.1) != silent {
			t.Errorf("on node %q %.2f of the users", node, p.Share)
		}
	}
}

// What stores nothing is read on, and what is gone is not, nor a database whose server is stopped: a prediction says which.
func TestWhatIsLeftOfARegion(t *testing.T) {
	for _, one := range []struct{ part, engine, want string }{
		{runbook.PartStore, store.EngineLog, "east goes on with 100 % of its web tier; its store answers reads, and takes no write"},
		{runbook.PartStore, store.EnginePostgres, "east goes on with 100 % of its web tier; its store answers nobody"},
		{runbook.PartDisk, store.EnginePostgres, "east goes on with 100 % of its web tier; its store answers reads, and takes no write"},
		{"east-a", store.EngineLog, "east goes on with 100 % of its web tier, and without its store"},
	} {
		e, _ := ofStore(one.part, one.engine)
		if got := wording.Weakened(e.s, runbook.Weakening{Region: "east", Part: one.part, Web: 1, Store: true}, readsHang); got != one.want {
			t.Errorf("%s of %s: %q, want %q", one.part, one.engine, got, one.want)
		}
	}
}
