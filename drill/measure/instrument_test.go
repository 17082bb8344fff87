package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
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
