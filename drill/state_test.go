package drill

import (
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// story applies bodies a tenth of a second apart, from T = 0.1 s.
func story(bodies ...Body) *State {
	s := NewState()
	for i, b := range bodies {
		s.Apply(Event{Seq: uint64(i + 1), T: time.Duration(i+1) * 100 * time.Millisecond, Body: b})
	}
	return s
}

func testFleet() topology.Fleet {
	return topology.Fleet{
		Name:    "two",
		Regions: []topology.Region{{Name: "east"}, {Name: "west"}},
		Users: []topology.Population{
			{Name: "near", Count: 100, Writes: 0.25},
			{Name: "far", Count: 300, Writes: 0.25},
		},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
		Routing:  topology.Routing{Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
	}
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func TestHealthFollowsFromWhatIsKnown(t *testing.T) {
	up := RegionJudged{Region: "east", Up: true, After: 1}
	down := RegionJudged{Region: "east", Up: false, After: 3, Why: "timeout"}
	seen := func(ready int) RegionSeen {
		return RegionSeen{Region: "east", WebReady: ready, WebWanted: 2, NodeReady: true}
	}
	kill := FaultProved{ID: 1, Fault: FaultKill, Region: "east"}
	tests := []struct {
		name   string
		bodies []Body
		want   Health
	}{
		{"nothing asked yet", nil, HealthUnknown},
		{"coming up", []Body{StageEntered{Region: "east", Stage: "create cluster"}}, HealthStarting},
		{"ready pods alone do not make it healthy", []Body{seen(2)}, HealthStarting},
		{"probed", []Body{up, seen(2)}, HealthHealthy},
		{"a web replica is missing", []Body{up, seen(1)}, HealthDegraded},
		{"probes fail", []Body{up, seen(2), down}, HealthDown},
		{"killed, not yet noticed by the router", []Body{up, kill}, HealthDown},
		{"frozen", []Body{up, FaultProved{ID: 1, Fault: FaultFreeze, Region: "east"}, down}, HealthFrozen},
		{"restored, still down for the router", []Body{up, kill, down, FaultLifted{ID: 1, Region: "east"}}, HealthDown},
		{"restored and probed", []Body{up, kill, down, FaultLifted{ID: 1, Region: "east"}, up, seen(2)}, HealthHealthy},
		{"cordoned", []Body{up, RegionCordoned{Region: "east", On: true}, down}, HealthCordoned},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := story(append([]Body{DrillStarted{Fleet: testFleet()}}, tt.bodies...)...)
			if got := s.Region("east").Health; got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func failoverStory() *State {
	stage := func(s Stage, end int) FailoverStaged {
		f := FailoverStaged{ID: 1, Dataset: "orders", From: "east", Cause: "fault", Stage: s, End: ms(end)}
		if s == StagePromote || s == StageReroute {
			f.To, f.Epoch = "west", 2
		}
		return f
	}
	return story(
		DrillStarted{Fleet: testFleet()},
		StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}}, AtRisk: map[string]uint64{"orders": 4}},
		FaultProved{ID: 1, Fault: FaultKill, Region: "east", From: ms(250)},
		stage(StageFault, 250), stage(StageDetect, 1250), stage(StageDecide, 1260),
		stage(StageFence, 1800), stage(StagePromote, 1804), stage(StageReroute, 2104),
		LedgerChecked{Dataset: "orders", Failover: 1, Acknowledged: 100, Lost: []LostWrite{{ID: "b", Acked: ms(240)}, {ID: "a", Acked: ms(220)}}},
	)
}

func TestAFailoverIsTimedStageByStage(t *testing.T) {
	s := failoverStory()
	f := s.Failover(1)
	if f == nil {
		t.Fatal("no failover")
	}
	for stage, want := range map[Stage]time.Duration{
		StageDetect: ms(1000), StageDecide: ms(10), StageFence: ms(540), StagePromote: ms(4), StageReroute: ms(300),
	} {
		if got, ok := f.Took(stage); !ok || got != want {
			t.Errorf("%s took %s (%v), want %s", stage, got, ok, want)
		}
	}
	if rto, ok := f.RTO(); !ok || rto != ms(1854) {
		t.Errorf("RTO %s (%v)", rto, ok)
	}
	if d := s.Dataset("orders"); d.Authority != "west" || d.Epoch != 2 || d.Was != "east" {
		t.Errorf("orders is led by %s in epoch %d, was %s", d.Authority, d.Epoch, d.Was)
	}
	if f.Fault == nil || f.Fault.ID != 1 {
		t.Error("the failover does not know its fault")
	}
}

func TestWhatIsNotMeasuredIsNotZero(t *testing.T) {
	s := story(
		DrillStarted{Fleet: testFleet()},
		FailoverStaged{ID: 1, Dataset: "orders", From: "east", Cause: "fault", Stage: StageFault, End: ms(100)},
		StoresSampled{AtRisk: map[string]uint64{}},
	)
	f := s.Failover(1)
	if _, ok := f.RTO(); ok {
		t.Error("an RTO before any write was acknowledged")
	}
	if _, ok := f.Took(StageFence); ok {
		t.Error("a fencing time before fencing")
	}
	if stage, since := f.Current(); stage != StageDetect || since != ms(100) {
		t.Errorf("current stage %s since %s", stage, since)
	}
	if s.Dataset("orders").AtRisk != nil {
		t.Error("writes at risk are known without an answer")
	}
}

// An old authority that answers late, still believing in its epoch, must not
// take the star back.
func TestAnOldEpochNeverTakesTheAuthorityBack(t *testing.T) {
	s := failoverStory()
	s.Apply(Event{Seq: 99, T: ms(3000), Body: StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}}}})
	if d := s.Dataset("orders"); d.Authority != "west" {
		t.Errorf("led by %s", d.Authority)
	}
}

// A failover is counted from the fault that took the authority away from the
// controller, not from whatever else is cut there.
func TestFaultOnIsWhatSeparates(t *testing.T) {
	cut := func(id int, a, b string) FaultProved {
		return FaultProved{ID: id, Fault: FaultPartition, Between: []string{a, b}, From: ms(100 * id)}
	}
	s := story(DrillStarted{Fleet: testFleet()}, cut(1, "east", "west"))
	if f := s.FaultOn("east"); f != nil {
		t.Errorf("a link between two regions is said to keep east away: fault %d", f.ID)
	}
	s = story(DrillStarted{Fleet: testFleet()}, cut(1, "east", "west"), cut(2, "east", topology.EndOthers), cut(3, topology.EndControl, "east"))
	for region, want := range map[string]int{"east": 3, "west": 0} {
		got := 0
		if f := s.FaultOn(region); f != nil {
			got = f.ID
		}
		if got != want {
			t.Errorf("%s is kept away by fault %d, want %d", region, got, want)
		}
	}
}

// A failover belongs to the fault that it names, whatever was broken since. Journals of
// before name none, and go by what separated its region.
func TestAFailoverNamesItsFault(t *testing.T) {
	kill := func(id int, region string) FaultProved {
		return FaultProved{ID: id, Fault: FaultKill, Region: region, From: ms(100 * id), Command: 10 + id}
	}
	staged := func(fault int) FailoverStaged {
		return FailoverStaged{ID: 1, Dataset: "orders", From: "east", Cause: "fault", Stage: StageFault, End: ms(100), Fault: fault}
	}
	s := story(DrillStarted{Fleet: testFleet()}, kill(1, "east"), FaultLifted{ID: 1, Region: "east"}, kill(2, "east"), staged(1))
	if f := s.Failover(1); f.Fault == nil || f.Fault.ID != 1 || f.Fault.Command != 11 {
		t.Errorf("%+v", f.Fault)
	}
	s = story(DrillStarted{Fleet: testFleet()}, kill(1, "west"), kill(2, "east"), staged(0))
	if f := s.Failover(1); f.Fault == nil || f.Fault.ID != 2 {
		t.Errorf("an old journal: %+v", f.Fault)
	}
}

// A fault that is being proved is known: what it causes meanwhile is its own, and one whose
// command fails was none.
func TestAFaultThatIsBeingProvedIsKnown(t *testing.T) {
	begun := FaultBegun{ID: 7, Command: 3, Fault: FaultPartition, Between: []string{"east", topology.EndOthers}, From: ms(250)}
	failover := FailoverStaged{ID: 1, Dataset: "orders", From: "east", Cause: "fault", Fault: 7, Stage: StageFault, End: ms(250)}
	all := []Body{DrillStarted{Fleet: testFleet()}, CommandTaken{ID: 3}, begun}
	s := story(all...)
	if len(s.Proving) != 1 || s.Proving[0].ID != 7 || s.Proving[0].From != ms(250) || s.FaultOn("east") != nil || len(s.Faults) != 0 {
		t.Errorf("%+v; on the region %v", s.Proving, s.FaultOn("east"))
	}
	s = story(append(all, failover, FaultProved{ID: 7, Command: 3, Fault: FaultPartition, Between: begun.Between, From: ms(250)})...)
	if f := s.Failover(1).Fault; f == nil || f.ID != 7 || f.Command != 3 || len(s.Proving) != 0 {
		t.Errorf("the failover is of %+v, being proved %v", f, s.Proving)
	}
	s = story(append(all, failover, CommandFailed{ID: 3})...)
	if len(s.Proving) != 0 || s.Failover(1).Fault != nil {
		t.Errorf("a fault that was not proved is left: %v", s.Proving)
	}
	slow := FaultProved{ID: 2, Fault: "brownout", Between: []string{"east", topology.EndControl}, Shape: topology.Shape{RTT: time.Second}}
	if s = story(DrillStarted{Fleet: testFleet()}, slow); s.FaultOn("east") != nil {
		t.Error("a brownout of the controller's link cuts nothing off")
	}
}

// A command that waits for another one begins when that is over.
func TestACommandThatWaitsBeginsLater(t *testing.T) {
	s := story(CommandTaken{ID: 1}, CommandTaken{ID: 2, After: 1}, CommandDone{ID: 1}, CommandBegun{ID: 2})
	if c := s.Command(2); c.Began != ms(400) || c.After != 0 {
		t.Errorf("%+v", c)
	}
}

// TestASampleCopiesNoHistory holds what a sample costs once the history is full: its own
// copy now and then, and not all of the history each time. An hour has 7,200 of them.
func TestASampleCopiesNoHistory(t *testing.T) {
	s := story(DrillStarted{Fleet: topology.Fleet{Users: []topology.Population{{Name: "x"}}}})
	sample := TrafficSampled{Window: 500 * time.Millisecond, Populations: []telemetry.Population{{Population: "x", Requests: 10, OK: 10}}}
	seq := uint64(1)
	apply := func() {
		seq++
		s.Apply(Event{Seq: seq, T: time.Duration(seq) * 500 * time.Millisecond, Body: sample})
	}
	for range RecentLimit {
		apply()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const more = 40 * RecentLimit
	for range more {
		apply()
	}
	runtime.ReadMemStats(&after)
	one := uint64(unsafe.Sizeof(telemetry.Population{}) + unsafe.Sizeof(series.Count{}))
	if each := (after.TotalAlloc - before.TotalAlloc) / more; each > 20*one {
		t.Errorf("a sample of %d bytes costs %d", one, each)
	}
	if p := s.Population("x"); len(p.Recent) != RecentLimit {
		t.Errorf("%d samples are kept, want the last %d", len(p.Recent), RecentLimit)
	}
}
