package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A kill at 10 s that users recovered from at 13 s, with a failover to 12 s and a rejoin from 20 s to 21 s.
func TestDisturbances(t *testing.T) {
	const sec = time.Second
	tests := []struct {
		name                 string
		from, length, settle time.Duration
		what                 string
	}{
		{"before", 5 * sec, 2 * sec, sec, ""},
		{"what it broke lasts into the fault", 7 * sec, 2 * sec, sec + 1, "fault"},
		{"over the fault", 11 * sec, sec, 0, "fault"},
		{"over all of it", 9 * sec, 30 * sec, 0, "fault"},
		{"in the recovery", 12500 * time.Millisecond, sec, 0, "fault"},
		{"after the recovery", 14 * sec, sec, sec, ""},
		{"in the rejoin", 20500 * time.Millisecond, 100 * time.Millisecond, 0, "rejoin"},
		{"at the end", 25 * sec, 15 * sec, sec, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := drill.NewState()
			at := func(d time.Duration, b drill.Body) { s.Apply(drill.Event{Seq: s.LastSeq + 1, T: d, Body: b}) }
			at(0, drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}}, Datasets: []topology.Dataset{{Name: "orders", Authority: "a"}}}})
			at(10*sec, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "a", From: 10 * sec})
			for stage, end := range map[drill.Stage]time.Duration{drill.StageFault: 10 * sec, drill.StageReroute: 12 * sec} {
				at(12*sec, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "a", To: "b", Cause: "fault", Fault: 1, Stage: stage, End: end})
			}
			at(14*sec, drill.Recovered{Fault: 1, Since: 13 * sec})
			at(20*sec, drill.RejoinStarted{Dataset: "orders", Region: "a"})
			at(21*sec, drill.RejoinDone{Dataset: "orders", Region: "a", Took: sec})
			at(50*sec, drill.StandstillNoticed{From: tt.from, For: tt.length, Settle: tt.settle})
			got := ""
			for _, d := range Disturbances(s) {
				switch {
				case d.Standstill == nil:
					got += "nothing"
				case d.Fault != nil:
					got += "fault"
				case d.Move != nil:
					got += "move"
				case d.Rejoin != nil:
					got += "rejoin"
				}
			}
			if got != tt.what {
				t.Errorf("got %q, want %q", got, tt.what)
			}
		})
	}
}

func TestAFailoverByTheInstrument(t *testing.T) {
	const sec = time.Second
	s := drill.NewState()
	at := func(d time.Duration, b drill.Body) { s.Apply(drill.Event{Seq: s.LastSeq + 1, T: d, Body: b}) }
	at(0, drill.DrillStarted{Fleet: topology.Fleet{Datasets: []topology.Dataset{{Name: "orders", Authority: "a"}}}})
	at(20*sec, drill.StandstillNoticed{From: 5 * sec, For: 15 * sec, Settle: 2 * sec})
	at(21*sec, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "a", Cause: "fault", Stage: drill.StageFault, End: 5 * sec})
	at(21*sec, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "a", Cause: "fault", Stage: drill.StageDetect, End: 21 * sec})
	at(40*sec, drill.FailoverStaged{ID: 2, Dataset: "orders", From: "b", Cause: "fault", Stage: drill.StageFault, End: 40 * sec})
	moves := Moves(s, "")
	if !moves[0].ByInstrument(s) || moves[1].ByInstrument(s) {
		t.Errorf("the first %v, the second %v", moves[0].ByInstrument(s), moves[1].ByInstrument(s))
	}
}

// A disk that stands still for so long that its leader's lease is not renewed is the machine's doing, unless a fault was on it.
func TestADiskThatStandsStill(t *testing.T) {
	const sec = time.Second
	for _, tt := range []struct {
		name    string
		stalled time.Duration
		role    role.Role
		fault   bool
		disk    string
	}{
		{"for longer than a lease is renewed", 3600 * time.Millisecond, role.Authority, false, "move 3.6s"},
		{"for a moment", sec, role.Authority, false, ""},
		{"by a fault of the drill", 3600 * time.Millisecond, role.Authority, true, ""},
		{"of a replica that no write waits for", 3600 * time.Millisecond, role.Follower, false, ""},
	} {
		s := drill.NewState()
		at := func(d time.Duration, b drill.Body) { s.Apply(drill.Event{Seq: s.LastSeq + 1, T: d, Body: b}) }
		at(0, drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}, {Name: "b"}}, Failover: topology.FailoverPolicy{Fence: true, Lease: 1500 * time.Millisecond},
			Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "a", Regions: []string{"a", "b"}}}}})
		if tt.fault {
			at(10*sec, drill.FaultProved{ID: 1, Fault: "hang-store", Region: "a", Part: runbook.PartStore, From: 10 * sec})
		}
		for since := 500 * time.Millisecond; since <= tt.stalled; since += 500*time.Millisecond + 25*time.Millisecond {
			since := min(since, tt.stalled)
			at(10*sec+since, drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "a", Role: tt.role, Epoch: 1, Stalled: since, StalledBy: "its writes hang", Contact: 10*sec + since}}})
		}
		at(10*sec+tt.stalled, drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "a", Role: tt.role, Epoch: 1, Stalled: tt.stalled, StalledBy: "its writes hang", Contact: 10*sec + tt.stalled}}})
		at(14*sec, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "a", To: "b", Cause: "fault", Stage: drill.StageFault, End: 10 * sec})
		at(14*sec, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "a", To: "b", Cause: "fault", Stage: drill.StageDetect, End: 13500 * time.Millisecond})
		got := ""
		for _, d := range Disturbances(s) {
			if d.Disk != nil && d.Move != nil {
				got += "move " + d.Disk.For().String()
			}
		}
		if got != tt.disk {
			t.Errorf("%s: disturbed %q, want %q", tt.name, got, tt.disk)
		}
		if by := Moves(s, "")[0].ByInstrument(s); by != (tt.disk != "") {
			t.Errorf("%s: the failover is the machine's: %v", tt.name, by)
		}
	}
}

// A check after the last step that did not hold while the machine's disk stood still says nothing of the fleet.
func TestALastCheckThatTheMachineDisturbed(t *testing.T) {
	const sec = time.Second
	for met, want := range map[bool]bool{false: true, true: false} {
		s := drill.NewState()
		at := func(d time.Duration, b drill.Body) { s.Apply(drill.Event{Seq: s.LastSeq + 1, T: d, Body: b}) }
		at(0, drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}}, Datasets: []topology.Dataset{{Name: "orders", Authority: "a", Regions: []string{"a"}}}}})
		at(14*sec, drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "a", Role: role.Authority, Epoch: 1, Stalled: 2 * sec, Contact: 14 * sec}}})
		at(16*sec, drill.SteadyMeasured{When: "after", For: 5 * sec, Requests: 100, Success: 0.9, Met: met})
		d := Disturbances(s)
		if got := len(d) == 1 && d[0].Check && d[0].Disk != nil; got != want {
			t.Errorf("met %v: disturbed %v", met, got)
		}
	}
}

func TestUnsent(t *testing.T) {
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{Users: []topology.Population{{Name: "x"}, {Name: "y"}}}}})
	if u := Unsent(s); u.Known || u.Share != 0 {
		t.Errorf("before any sample: %+v", u)
	}
	s.Apply(drill.Event{Seq: 2, Body: drill.TrafficSampled{Populations: []telemetry.Population{
		{Population: "x", TotalRequests: 90, TotalNotSent: map[string]int{telemetry.UnsentLate: 7, telemetry.UnsentInFlight: 2}, TotalLeftOut: 500},
		{Population: "y", TotalNotSent: map[string]int{telemetry.UnsentLate: 1}},
	}}})
	if u := Unsent(s); !u.Known || u.NotSent != 10 || u.Why[telemetry.UnsentLate] != 8 || u.Share != 0.1 || u.LeftOut != 500 {
		t.Errorf("%+v", u)
	}
	// What was not sent before the first step is no part of it.
	s.Apply(drill.Event{Seq: 3, Body: drill.PhaseEntered{Phase: drill.PhaseSteady}})
	s.Apply(drill.Event{Seq: 4, Body: drill.PhaseEntered{Phase: drill.PhaseRunning}})
	s.Apply(drill.Event{Seq: 5, Body: drill.TrafficSampled{Populations: []telemetry.Population{
		{Population: "x", TotalRequests: 189, TotalNotSent: map[string]int{telemetry.UnsentLate: 7, telemetry.UnsentInFlight: 3}, TotalLeftOut: 501},
	}}})
	if u := Unsent(s); u.NotSent != 1 || len(u.Why) != 1 || u.Share != 0.01 || u.LeftOut != 1 {
		t.Errorf("since the steady check: %+v", u)
	}
}
