package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// Who was sent elsewhere goes back once what was gone is called up again, at the latest when the resolver asks anew for the next
// time. Until then their answers are slow, and nobody calls that recovered; where data has moved nobody waits for them.
func TestUsersGoBackAfterTheFault(t *testing.T) {
	kill := runbook.Command{Verb: "kill-tier", Region: "east"}
	restore := runbook.Step{At: 6 * time.Second, Command: runbook.Command{Verb: runbook.VerbRestore, Region: "east"}}
	far := func(f *topology.Fleet) {
		f.Routing.Policy, f.Routing.Weights = "nearest", nil
		f.Users[0].RTT = map[string]time.Duration{"east": 20 * time.Millisecond, "west": 400 * time.Millisecond}
	}
	for _, entry := range topology.Entries() {
		s := readers(1000, 100, entry, far, runbook.Step{Command: kill}, restore)
		e := newExposure(s, after(s, killTier("east")), kill, killTier("east"), nil)
		ends, _ := e.follow(e.classes())
		latest := returned(e)
		if entry == topology.EntryDNS {
			latest += 2 * s.Fleet.Routing.DNSTTL
		}
		for _, k := range e.classes() {
			if at := (policy.Answer{Shares: k.served(e.Undone)}); at.Part("west") < 0.99 {
				t.Errorf("%s: %v when the fault is lifted", entry, at)
			}
			if at := (policy.Answer{Shares: k.served(latest)}); at.Part("east") < 0.99 {
				t.Errorf("%s: %v at %s", entry, at, latest)
			}
		}
		if first := ends[0].At; first < returned(e) {
			t.Errorf("%s: users have recovered after %s, and none goes back before %s", entry, first, returned(e))
		}
	}
}

// A link that is lifted is as wide and as short as it was before, whatever waited at it.
func TestALiftedLinkIsAsBefore(t *testing.T) {
	e := narrowed(11_000, 20, &topology.Identity{Trust: topology.TrustFederated})
	if late, lifted := wayAt(e, "west", "east", e.Undone-slice).RTT, wayAt(e, "west", "east", e.Undone).RTT; late < time.Second || lifted != 100*time.Millisecond {
		t.Errorf("%s before it is lifted, %s after that", late, lifted)
	}
}

// The first writes after a failover wait until a replica that has a part in them follows the new authority: not of one whose store is
// gone, not where no copy is waited for, and not where the authority stays.
func TestTheFirstWritesWaitForWhoFollows(t *testing.T) {
	const link = 140 * time.Millisecond
	gone := runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: runbook.PartDisk, Web: 1, Store: true}}, Undo: runbook.VerbRestore}
	for _, tt := range []struct {
		mode     topology.Durability
		engine   string
		identity *topology.Identity
		trips    float64
	}{
		{topology.Durability{Mode: topology.ModeQuorum}, store.EngineLog, nil, 4.5},
		{topology.Durability{Mode: topology.ModeSync, With: "west"}, "", &topology.Identity{Trust: topology.TrustFederated}, 6.5},
		{topology.Durability{Mode: topology.ModeAsync}, store.EngineLog, nil, 0},
		{topology.Durability{Mode: topology.ModeQuorum}, store.EnginePostgres, nil, 0},
	} {
		slow := 500 * time.Millisecond
		s := threeRegions(tt.mode, map[string]telemetry.Replica{"east": {Position: 9, Entries: 9}, "west": {Position: 9, Entries: 9}, "south": {Position: 8, Entries: 8}})
		s.Fleet.Identity, s.Dataset("orders").Spec.Engine = tt.identity, tt.engine
		s.Fleet.Links = append(s.Fleet.Links, topology.Link{Between: [2]string{"west", "south"}, RTT: link})
		s.Populations[0].Last = &telemetry.Population{Slow: &slow}
		then := after(s, gone)
		o := outcomeOf(then, then.Dataset("orders"), gone)
		e := newExposure(s, then, runbook.Command{}, gone, map[string]outcome{"orders": o})
		d, moved := then.Dataset("orders"), e.promoted
		k := class{pop: then.Populations[0], share: 1, stays: []stay{{to: only("west")}}}
		want := time.Duration(tt.trips * float64(link))
		if got := follows(e, d, o.to, e.copier(d, o.to, moved)); o.to != "west" || want > 0 && got != moved+want || want == 0 && got != 0 {
			t.Errorf("%+v %s: %s leads and is followed from %s on, want %s after %s", tt.mode, tt.engine, o.to, got, want, moved)
		}
		first, later := e.written(k, moved, "west", "west", d, true), e.written(k, moved+2*time.Second, "west", "west", d, true)
		if late := first.bad > 0; late != (want > 0) || later.bad > 0 {
			t.Errorf("%+v %s: %+v of the first write, %+v of one two seconds later", tt.mode, tt.engine, first, later)
		}
		if got := follows(e, d, "east", "south"); got != 0 {
			t.Errorf("%+v: the authority that stays is followed from %s on", tt.mode, got)
		}
	}
}

// A planned move takes as long as its steps, from where the controller is, and the copy that is under way; a database server takes longer.
func TestAHandoverTakesItsSteps(t *testing.T) {
	for _, tt := range []struct {
		engine string
		hub    *topology.Hub
		want   time.Duration
	}{
		{store.EngineLog, nil, 50 * time.Millisecond},
		{store.EnginePostgres, nil, 290 * time.Millisecond},
		{store.EngineLog, &topology.Hub{Name: "hub", RTT: map[string]time.Duration{"east": 60 * time.Millisecond, "west": 120 * time.Millisecond}}, 400 * time.Millisecond},
	} {
		s := threeRegions(topology.Durability{Mode: topology.ModeAsync}, nil)
		s.Fleet.Hub, s.Dataset("orders").Spec.Engine = tt.hub, tt.engine
		s.Fleet.Links = []topology.Link{{Between: [2]string{"east", "west"}, RTT: 80 * time.Millisecond}}
		e := newExposure(s, s, runbook.Command{}, runbook.Effect{}, map[string]outcome{"orders": {moves: true, planned: true, to: "west"}})
		if got := e.handedOver(); got != tt.want {
			t.Errorf("%s: %s without an authority, want %s", tt.engine, got, tt.want)
		}
	}
}
