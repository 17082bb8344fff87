package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// ofStore is users of a leader, east, whose store alone fails, as predicted: they read at it.
func ofStore(part, engine string) (*exposure, class) {
	fleet := topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
		Links:    []topology.Link{{Between: [2]string{"east", "west"}, RTT: 80 * time.Millisecond}},
		Users:    []topology.Population{{Name: "all", Count: 1000, Rate: 100, Writes: 0.5, Reads: topology.ReadsAuthority, Timeout: 2 * time.Second}},
		Datasets: []topology.Dataset{{Name: "orders", Engine: engine, Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
		Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
	}
	effect := runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: part, Web: 1, Store: true}}, Undo: runbook.VerbRestore}
	c := runbook.Command{Verb: "fails", Region: "east"}
	s := story(drill.DrillStarted{Fleet: fleet}, drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.StoresSampled{Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "east", Epoch: 1, Role: role.Authority}, {Dataset: "orders", Region: "west", Epoch: 1, Role: role.Follower},
		}}, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "all", ServedBy: map[string]int{"east": 100}}}})
	e := newExposure(s, after(s, effect), c, effect, map[string]outcome{"orders": outcomeOf(after(s, effect), s.Dataset("orders"), effect)})
	return e, class{pop: s.Population("all"), share: 1, stays: []stay{{to: only("east")}}}
}

// A store that fails by itself goes on reading for those who read at the authority, as long as its lease holds. Writes wait for one
// that hangs as long as their users do, and are refused once the lease is over; a full one refuses them at once.
func TestAStoreThatFailsByItselfIsRead(t *testing.T) {
	for part, want := range map[string]fate{runbook.PartStore: waits, runbook.PartDisk: refused} {
		e, k := ofStore(part, store.EngineLog)
		if got := e.request(k, time.Second, "east", "orders", true); got != want {
			t.Errorf("%s: a write fares as %+v, want %+v", part, got, want)
		}
		if got := e.request(k, time.Second, "east", "orders", false); got != (fate{}) {
			t.Errorf("%s: a read fares as %+v", part, got)
		}
		for _, write := range []bool{false, true} {
			if got := e.request(k, lockedOut(e)+slice, "east", "orders", write); got != refused {
				t.Errorf("%s: past the lease a request fares as %+v", part, got)
			}
		}
		if got := e.request(k, e.promoted+2*time.Second, "east", "orders", true); got.bad > 0 {
			t.Errorf("%s: after the failover a write fares as %+v", part, got)
		}
	}
	e, k := ofStore(runbook.PartStore, store.EngineLog)
	if lease := topology.DefaultLease; lockedOut(e) >= e.promoted || lockedOut(e) < topology.StallLimit(lease)/2 {
		t.Errorf("the leader is locked out after %s, and another leads after %s", lockedOut(e), e.promoted)
	}
	before := lockedOut(e) - 200*time.Millisecond
	if early, late := waited(e, k, 0), waited(e, k, before); early != topology.AnswerWithin(2*time.Second) || late != early {
		t.Errorf("a write waits for %s, and just before the lease is over for %s", early, late)
	}
	k.stays[0].to = only("west")
	if passedOn := waited(e, k, 0); passedOn >= topology.AnswerWithin(2*time.Second) {
		t.Errorf("a write that another region passes on waits for %s, so that nobody could be told", passedOn)
	}
}

// A database's server that is stopped reads nothing either: not at the leader, and not for the users of its own region, after
// another one leads, until it goes on. Where it runs apart from the gateway, that asks the next replica.
func TestAStoppedDatabaseIsNotRead(t *testing.T) {
	e, k := ofStore(runbook.PartStore, store.EnginePostgres)
	if got := e.request(k, time.Second, "east", "orders", false); got != waits {
		t.Errorf("a read at the leader fares as %+v", got)
	}
	if before := lockedOut(e) - 200*time.Millisecond; waited(e, k, before) != 200*time.Millisecond {
		t.Errorf("a write just before the lease is over waits for %s", waited(e, k, before))
	}
	k.pop.Spec.Reads = topology.ReadsNearest
	late := e.promoted + 2*time.Second
	for _, at := range []time.Duration{time.Second, late} {
		if got := e.request(k, at, "east", "orders", false); got != waits {
			t.Errorf("at %s a read nearby fares as %+v", at, got)
		}
		if got := e.request(k, at, "west", "orders", false); got != (fate{}) {
			t.Errorf("at %s a read nearby of a region whose server runs fares as %+v", at, got)
		}
	}
	e.s.Region("east").Seen = &drill.RegionSeen{Zones: []telemetry.Zone{{Name: "east-a"}}}
	if got := e.request(k, late, "east", "orders", false); got != (fate{}) {
		t.Errorf("a read nearby fares as %+v where the server runs apart", got)
	}
	if got := e.request(k, e.Undone, "east", "orders", false); got != (fate{}) {
		t.Errorf("a read once it goes on fares as %+v", got)
	}
}

// Who still waits when the fault is lifted is answered then, or has their connection reset.
func TestWaitingEndsWithTheFault(t *testing.T) {
	e, k := ofStore(runbook.PartStore, store.EngineLog)
	long := waited(e, k, e.Undone-3*time.Second)
	if got := waited(e, k, e.Undone-300*time.Millisecond); got != 300*time.Millisecond || long <= got {
		t.Errorf("sent 300 ms before it is lifted, it waits for %s; long before, %s", got, long)
	}
	if got := waited(e, k, e.Undone); got != long {
		t.Errorf("what waits for something else waits for %s, want %s", got, long)
	}
}
