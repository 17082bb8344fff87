package action

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// houseRig is a fleet of two environments over three clusters, and what was done to it.
type houseRig struct {
	port.Network
	state *drill.State

	mu    sync.Mutex
	did   []string // to the platform
	held  map[string]bool
	fails string // a region of whose domain an op fails
}

func (h *houseRig) Do(_ context.Context, region, op string) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if region == h.fails && op != string(runbook.VerbRestore) {
		return "", errors.New("it resists")
	}
	h.did = append(h.did, op+" "+region)
	return "seen in " + region, nil
}
func (h *houseRig) DoZone(ctx context.Context, zone, op string) (string, error) {
	return h.Do(ctx, zone, op)
}
func (h *houseRig) Now() time.Duration { return 0 }
func (h *houseRig) Emit(b drill.Body) drill.Event {
	e := drill.Event{Seq: h.state.LastSeq + 1, Body: b}
	h.state.Apply(e)
	return e
}
func (h *houseRig) View(look func(*drill.State))                        { look(h.state) }
func (h *houseRig) Wait(context.Context, func(*drill.State) bool) error { return nil }
func (h *houseRig) OpenImpact(int, time.Duration)                       {}
func (h *houseRig) CloseImpact(int, time.Duration)                      {}
func (h *houseRig) Isolate(name, _ string) bool                         { h.held[name] = true; return true }
func (h *houseRig) Lift(name string) bool                               { delete(h.held, name); return true }

func openHouse(t *testing.T) (*houseRig, Rig) {
	t.Helper()
	h := &houseRig{state: drill.NewState(), held: map[string]bool{}}
	f := topology.Fleet{
		Regions:  []topology.Region{{Name: "a", Environment: "prod"}, {Name: "b", Environment: "prod", Cluster: "shared"}, {Name: "c", Environment: "staging", Cluster: "shared"}, {Name: "d"}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "a", Regions: []string{"a", "b"}}},
		Hub:      &topology.Hub{Name: "hub"},
	}
	h.Emit(drill.DrillStarted{Fleet: f})
	for _, r := range f.Standing().Regions {
		h.Emit(drill.RegionJudged{Region: r.Name, Up: true})
	}
	faults := 0
	return h, Rig{ID: 1, Events: h, Platform: h, Network: h, Users: h, FaultID: func() int { faults++; return faults }}
}

func (h *houseRig) do(r Rig, c runbook.Command) error {
	if refused := Check(h.state, c); refused != nil {
		return refused
	}
	h.did = nil
	a, _ := Find(c.Verb)
	_, err := a.Do(context.Background(), r, c)
	slices.Sort(h.did)
	return err
}

func (h *houseRig) down() (names []string) {
	for _, r := range append(slices.Clone(h.state.Regions), h.state.Hub) {
		if r.Fault != nil {
			names = append(names, r.Spec.Name+": "+r.Fault.Proof)
		}
	}
	return names
}

func domainCommand(v runbook.Verb, kind, name string) runbook.Command {
	return runbook.Command{Verb: v, Domain: topology.Target{Kind: kind, Name: name}}
}

// One command breaks each failure domain that it names once, and each region that falls is a fault with a proof of its own.
func TestADomainIsBrokenOnceAndProvedForEachRegion(t *testing.T) {
	h, rig := openHouse(t)
	if err := h.do(rig, domainCommand(runbook.VerbKill, topology.DomainEnvironment, "prod")); err != nil {
		t.Fatal(err)
	}
	if want := []string{"kill a", "kill b"}; !slices.Equal(h.did, want) {
		t.Errorf("the platform did %q, want %q", h.did, want)
	}
	if want := []string{"a: seen in a", "b: seen in b", "c: seen in b"}; !slices.Equal(h.down(), want) {
		t.Errorf("down are %q, want %q", h.down(), want)
	}
	if len(h.held) != 3 {
		t.Errorf("silent are %v", h.held)
	}
	lift := Lifting(h.state, runbook.ByDrill)
	if len(lift) != 2 {
		t.Errorf("to lift are %v, want one command for each cluster", lift)
	}
	// Part of it comes back by itself, and the rest with the environment.
	if err := h.do(rig, runbook.Command{Verb: runbook.VerbRestore, Region: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := h.do(rig, domainCommand(runbook.VerbRestore, topology.DomainEnvironment, "prod")); err != nil || !slices.Equal(h.did, []string{"restore b"}) {
		t.Errorf("restored %q: %v", h.did, err)
	}
	if len(h.down()) > 0 || len(h.held) > 0 {
		t.Errorf("%q are down still, silent are %v", h.down(), h.held)
	}
	err := h.do(rig, domainCommand(runbook.VerbRestore, topology.DomainEnvironment, "prod"))
	if err == nil || !strings.Contains(err.Error(), "nothing is broken in environment prod") {
		t.Errorf("restored again: %v", err)
	}
}

// Where a part can't be broken, nothing counts as broken and what was is put back.
func TestADomainIsBrokenWholeOrNotAtAll(t *testing.T) {
	h, rig := openHouse(t)
	h.fails = "b"
	err := h.do(rig, domainCommand(runbook.VerbKill, topology.DomainEnvironment, "prod"))
	if err == nil || !strings.Contains(err.Error(), "it resists") {
		t.Errorf("killed: %v", err)
	}
	if want := []string{"kill a", "restore a"}; !slices.Equal(h.did, want) {
		t.Errorf("the platform did %q, want %q", h.did, want)
	}
	if len(h.down()) > 0 || len(h.held) > 0 {
		t.Errorf("%q count as down, silent are %v", h.down(), h.held)
	}
}

func TestTheHubIsBrokenByItself(t *testing.T) {
	h, rig := openHouse(t)
	if h.state.HubLost() != nil {
		t.Fatal("lost before it was")
	}
	if err := h.do(rig, domainCommand(runbook.VerbFreeze, topology.DomainHub, "hub")); err != nil {
		t.Fatal(err)
	}
	if want := []string{"hub: seen in hub"}; !slices.Equal(h.down(), want) || h.state.HubLost() == nil {
		t.Errorf("down are %q", h.down())
	}
	for _, c := range []runbook.Command{
		{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "b"}, {Verb: runbook.VerbPromote, Dataset: "orders", To: "b"},
		{Verb: runbook.VerbMode, Dataset: "orders", Mode: topology.ModeQuorum}, {Verb: runbook.VerbCordon, Region: "d"},
	} {
		if r := Check(h.state, c); r == nil || r.Why != "the hub is frozen, and the failover controller asks by way of it" {
			t.Errorf("%s without the hub: %v", c, r)
		}
	}
	if r := Check(h.state, runbook.Command{Verb: runbook.VerbKill, Region: "d"}); r != nil {
		t.Errorf("killing a region needs no hub: %v", r)
	}
	if err := h.do(rig, domainCommand(runbook.VerbKill, topology.DomainHub, "hub")); err == nil || !strings.Contains(err.Error(), "in the hub, hub is frozen") {
		t.Errorf("killed a frozen hub: %v", err)
	}
	lift := Lifting(h.state, runbook.ByDrill)
	if len(lift) != 1 {
		t.Fatalf("to lift are %v", lift)
	}
	if err := h.do(rig, lift[0]); err != nil || h.state.HubLost() != nil {
		t.Errorf("it is lost still: %v", err)
	}
}

// A person who looks at a region is offered what is wider than it, with what would fall.
func TestTheRegionInFocusOffersItsDomains(t *testing.T) {
	h, _ := openHouse(t)
	kill, _ := Find(runbook.VerbKill)
	offered := func(region string) (all []string) {
		at := Focus{Region: region, Wider: true}
		for _, o := range kill.Choices(h.state, at, kill.Start(at, runbook.ByOperator), kill.Params[0]) {
			all = append(all, o.Command.String()+" ("+strings.Join(o.Command.Falls(h.state.Fleet), " ")+")")
		}
		return all
	}
	for region, want := range map[string][]string{
		"a": {"kill a (a)", "kill environment prod (a b c)", "kill the hub (hub)"},
		"c": {"kill c (b c)", "kill the hub (hub)"},
		"d": {"kill d (d)", "kill the hub (hub)"},
	} {
		if got := offered(region); !slices.Equal(got, want) {
			t.Errorf("%s offers %q, want %q", region, got, want)
		}
	}
	if c := kill.Start(Focus{Region: "a"}, runbook.ByOperator); c.Region != "a" {
		t.Errorf("a region without wider domains is %+v", c)
	}
}

func (h *houseRig) Scale(context.Context, string, int) (string, error) { return "", nil }

// A zone that is brought back has what ran in it start without a fault of its own, which holds all the same: it is done anew.
func TestARestoredZoneKeepsTheOtherFaultsOfItsRegion(t *testing.T) {
	h, rig := openHouse(t)
	h.state = drill.NewState()
	h.Emit(drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a", Zones: 3, StoreZone: "a"}, {Name: "b"}}}})
	for _, name := range []string{"a", "b"} {
		h.Emit(drill.RegionJudged{Region: name, Up: true})
	}
	must := func(c runbook.Command) {
		t.Helper()
		if err := h.do(rig, c); err != nil {
			t.Fatal(err)
		}
	}
	must(runbook.Command{Verb: verbHangStore, Region: "a"})
	must(domainCommand(runbook.VerbKill, topology.DomainZone, "a-a"))
	must(domainCommand(runbook.VerbKill, topology.DomainZone, "a-b"))
	must(domainCommand(runbook.VerbRestore, topology.DomainZone, "a-a"))
	if want := []string{"hang-store a", "restore a-a"}; !slices.Equal(h.did, want) {
		t.Errorf("the platform did %q, want %q", h.did, want)
	}
	h.fails = "a"
	if err := h.do(rig, domainCommand(runbook.VerbRestore, topology.DomainZone, "a-b")); err == nil || !strings.Contains(err.Error(), "it resists") {
		t.Errorf("a store that does not hang again: %v", err)
	}
	if left := h.state.Region("a").Parts; len(left) != 1 || left[0].Part != runbook.PartStore {
		t.Errorf("left are %+v", left)
	}
}
