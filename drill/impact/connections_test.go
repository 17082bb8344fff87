package impact

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A region that has no connection to the new leader opens one: until it has served, whoever asks waits for a handshake, which certificates
// make a round trip longer. Somebody has to ask first.
func TestARegionConnectsToANewLeader(t *testing.T) {
	e, k := ofStore(runbook.PartStore, store.EngineLog)
	slow := 200 * time.Millisecond
	k.pop.Last.Slow = &slow
	k.pop.Spec.RTT = map[string]time.Duration{"east": 30 * time.Millisecond}
	share := func(after time.Duration) float64 { return opens(e, "east", "west", e.promoted+after) }
	if share(0) != 1 || share(100*time.Millisecond) != 1 {
		t.Errorf("of the first requests %v open a connection", share(0))
	}
	if got := share(time.Second); got > 1e-3 {
		t.Errorf("a second after another leads, %v open a connection", got)
	}
	if opens(e, "west", "west", e.promoted) != 0 {
		t.Error("the leader connects to itself")
	}
	if got := e.request(k, e.promoted, "east", "orders", true); got.slowed() != 0 {
		t.Errorf("with TCP alone, 190 ms: %+v", got)
	}
	e.s.Fleet.Identity = &topology.Identity{Trust: topology.TrustFederated}
	if got := e.request(k, e.promoted, "east", "orders", true); got.slowed() != 1 {
		t.Errorf("with certificates, 270 ms: %+v", got)
	}
	if got := e.request(k, e.promoted+time.Second, "east", "orders", true); got.bad > 1e-3 {
		t.Errorf("once connections are open: %+v", got)
	}
}

// What a prediction asks of a dataset leaves it as it was.
func TestReadersAreLeftAsTheyWere(t *testing.T) {
	e, _ := ofStore(runbook.PartStore, store.EngineLog)
	d := e.s.Dataset("orders")
	before := slices.Clone(d.Spec.Regions)
	e.ground.Gone["east"] = true
	readsAt(e, "south", "west", d)
	if !slices.Equal(d.Spec.Regions, before) {
		t.Errorf("a prediction made %q of its regions %q", d.Spec.Regions, before)
	}
}

// handing is a backup of so many bytes that is handed over to west, by a link of 200 Mbit/s and 80 ms.
func handing(bytes int64) (*exposure, class) {
	fleet := topology.Fleet{
		Regions: []topology.Region{{Name: "east"}, {Name: "west"}},
		Links:   []topology.Link{{Between: [2]string{"east", "west"}, RTT: 80 * time.Millisecond, Bandwidth: 200_000_000}},
		Users:   []topology.Population{{Name: "all", Count: 1000, Rate: 20, Writes: 0.25, Timeout: 2 * time.Second}},
		Datasets: []topology.Dataset{{Name: "orders", Engine: store.EngineLog, Mode: topology.ModeBackup, Authority: "east", With: "west",
			Regions: []string{"east", "west"}}},
		Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe, DNSTTL: time.Second},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
	}
	s := story(drill.DrillStarted{Fleet: fleet}, drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.StoresSampled{Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "east", Epoch: 1, Role: role.Authority, Bytes: bytes}, {Dataset: "orders", Region: "west", Epoch: 1, Role: role.Follower},
		}}, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "all", ServedBy: map[string]int{"east": 20}}}})
	effect := runbook.Effect{Empties: []string{"east"}, Undo: runbook.VerbUncordon}
	e := newExposure(s, after(s, effect), runbook.Command{Verb: runbook.VerbCordon, Region: "east"}, effect,
		map[string]outcome{"orders": {moves: true, planned: true, to: "west"}})
	return e, class{pop: s.Population("all"), share: 1, stays: []stay{{to: only("east")}}}
}

// A backup's last snapshot crosses the link before another region leads: 8 MiB at 200 Mbit/s are 336 ms. Reads go on at its leader until
// then, and follow the data afterwards.
func TestABackupIsShippedBeforeItIsHandedOver(t *testing.T) {
	e, k := handing(8 << 20)
	nothing, _ := handing(0)
	if got := e.handedOver() - nothing.handedOver(); got.Round(time.Millisecond) != 336*time.Millisecond {
		t.Errorf("the snapshot takes %s", got)
	}
	before := e.handedOver() - slice
	if write, read := e.request(k, before, "east", "orders", true), e.request(k, before, "east", "orders", false); write != refused || read != (fate{}) {
		t.Errorf("until it is shipped, a write fares as %+v, a read as %+v", write, read)
	}
	slow := 100 * time.Millisecond
	k.pop.Last.Slow = &slow
	if got := e.request(k, e.handedOver(), "east", "orders", false); got.slowed() != 1 {
		t.Errorf("a read of who is still served by the leader of before fares as %+v", got)
	}
}

// A user's connection to the region that serves them then costs a round trip more, and is kept.
func TestUsersConnectToTheRegionThatTakesOver(t *testing.T) {
	e, k := ofStore(runbook.PartStore, store.EngineLog)
	ms := time.Millisecond
	k.pop.Spec.RTT = map[string]time.Duration{"east": 30 * ms, "west": 90 * ms}
	slow := 150 * ms
	k.pop.Last.Slow, k.pop.Spec.Writes, k.pop.Spec.Reads = &slow, 0, ""
	k.stays = append(k.stays, stay{from: time.Second, to: only("west")})
	e.all = []class{k}
	if got := e.attempt(k, 500*ms); got.bad > 0.1 {
		t.Errorf("over the connections of before: %+v", got)
	}
	if got := e.attempt(k, time.Second); got.slowed() != 1 || got.answeredAfter() != 180*ms {
		t.Errorf("of the first, after %s: %+v", got.answeredAfter(), got)
	}
	if got := e.attempt(k, 2*time.Second); got.bad > 0.01 {
		t.Errorf("a second later: %+v", got)
	}
}

// Of a full disk its leader's lease does not matter to those who read what they find.
func TestABackupIsReadPastTheLease(t *testing.T) {
	e, k := ofStore(runbook.PartDisk, store.EngineLog)
	d := e.s.Dataset("orders")
	d.Spec.Mode = topology.ModeBackup
	after := lockedOut(e) + slice
	if got := e.request(k, after, "east", "orders", false); got != refused {
		t.Errorf("who asks for what the leader has: %+v", got)
	}
	k.pop.Spec.Reads = ""
	if got := e.request(k, after, "east", "orders", false); got.bad > 0 {
		t.Errorf("who reads what they find: %+v", got)
	}
	if got := e.request(k, after, "east", "orders", true); got != refused {
		t.Errorf("who writes: %+v", got)
	}
}
