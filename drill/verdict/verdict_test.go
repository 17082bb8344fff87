package verdict

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// drilled is a state after a drill that met every objective.
func drilled() *drill.State {
	s := drill.NewState()
	fleet := topology.Fleet{
		Regions:  []topology.Region{{Name: "us-east"}, {Name: "eu-west"}},
		Users:    []topology.Population{{Name: "americas", Count: 1000}},
		Datasets: []topology.Dataset{{Name: "orders", Authority: "us-east", Regions: []string{"us-east", "eu-west"}}},
	}
	rto, rpo, lost, hurt := 10*time.Second, time.Second, 5, 0.6
	plan := &runbook.Plan{
		Objectives: runbook.Objectives{RTO: &rto, RPO: &rpo, LostWrites: &lost, UsersAffected: &hurt},
		Steady:     runbook.Steady{For: 5 * time.Second, Success: 0.99},
		Steps: []runbook.Step{
			{Command: runbook.Command{Verb: runbook.VerbKill, Region: "us-east", By: "drill"}},
			{Command: runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitRecovered, By: "drill"}},
			{Command: runbook.Command{Verb: runbook.VerbRestore, Region: "us-east", By: "drill"}},
			{Command: runbook.Command{Verb: runbook.VerbNote, Text: "look at the lag", By: "drill"}},
		},
	}
	at := func(d time.Duration, b drill.Body) { s.Apply(drill.Event{Seq: s.LastSeq + 1, T: d, Body: b}) }
	at(0, drill.DrillStarted{Fleet: fleet, Plan: plan})
	at(5*time.Second, drill.SteadyMeasured{When: "before", Success: 1, Requests: 500, Met: true})
	kill, wait, restore := plan.Steps[0].Command, plan.Steps[1].Command, plan.Steps[2].Command
	at(6*time.Second, drill.CommandTaken{ID: 1, Command: kill})
	at(6*time.Second, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "us-east", From: 6 * time.Second, Proof: "killed by signal 9"})
	at(6*time.Second, drill.CommandDone{ID: 1, Command: kill})
	at(6*time.Second, drill.CommandTaken{ID: 2, Command: wait})
	for i, stage := range []drill.Stage{drill.StageFault, drill.StageDetect, drill.StageDecide, drill.StageFence, drill.StagePromote, drill.StageReroute} {
		at(9*time.Second, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "us-east", To: "eu-west", Cause: "fault", Epoch: 2,
			Stage: stage, End: 6*time.Second + time.Duration(i)*400*time.Millisecond})
	}
	at(9*time.Second, drill.LedgerChecked{Dataset: "orders", Region: "eu-west", Why: "failover 1", Failover: 1, Acknowledged: 80,
		Lost: []drill.LostWrite{{ID: "w80", Acked: 5900 * time.Millisecond}}})
	at(9*time.Second, drill.CommandDone{ID: 2, Command: wait})
	at(10*time.Second, drill.CommandTaken{ID: 3, Command: restore})
	at(11*time.Second, drill.CommandDone{ID: 3, Command: restore})
	at(12*time.Second, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "americas", AskedEver: 100, AffectedEver: 30}}})
	at(20*time.Second, drill.SteadyMeasured{When: "after", Success: 1, Requests: 500, Met: true})
	at(21*time.Second, drill.LedgerChecked{Dataset: "orders", Region: "eu-west", Why: drill.CheckedAtEnd, Acknowledged: 200})
	return s
}

func TestJudge(t *testing.T) {
	measured := func(v float64) *float64 { return &v }
	type want = map[string]*float64
	tests := []struct {
		name    string
		change  func(*drill.State)
		verdict drill.Verdict
		why     string // "" must match exactly; otherwise a part of it
		want    want   // measured values that differ from the good drill's
		missed  string
	}{
		{name: "everything met", verdict: drill.Passed},
		{name: "by hand", change: func(s *drill.State) { s.Plan = nil }, verdict: drill.Inconclusive, why: "no goals were set"},
		{
			name: "rto missed", change: func(s *drill.State) { *s.Plan.Objectives.RTO = time.Second },
			verdict: drill.Failed, why: "rto 2.000 s, asked for at most 1.000 s", missed: "rto",
		},
		{
			name: "exactly the target is met", change: func(s *drill.State) { *s.Plan.Objectives.RTO = 2 * time.Second }, verdict: drill.Passed,
		},
		{
			name: "rto of a failover that never ended, longer than asked", change: func(s *drill.State) {
				delete(s.Failovers[0].Ends, drill.StageReroute)
				s.SampledAt = s.Now
			},
			verdict: drill.Failed, why: "rto at least 15.000 s", want: want{"rto": measured(15)}, missed: "rto",
		},
		{
			name: "rto of a failover that never ended, not yet longer than asked", change: func(s *drill.State) {
				delete(s.Failovers[0].Ends, drill.StageReroute)
				*s.Plan.Objectives.RTO = time.Minute
			},
			verdict: drill.Inconclusive, why: "rto was not measured", want: want{"rto": nil},
		},
		{
			name: "the longest move counts", change: func(s *drill.State) {
				s.Moves = append(s.Moves, drill.Switchover{SwitchoverDone: drill.SwitchoverDone{ID: 1, Dataset: "orders", Blocked: 4 * time.Second}, T: 14 * time.Second})
			},
			verdict: drill.Passed, want: want{"rto": measured(4)},
		},
		{
			name: "no failover at all", change: func(s *drill.State) { s.Failovers, s.Checks = nil, s.Checks[1:] },
			verdict: drill.Inconclusive, why: "rto was not measured", want: want{"rto": nil, "rpo": measured(0), "lost_writes": measured(0)},
		},
		{
			name: "rpo missed", change: func(s *drill.State) { *s.Plan.Objectives.RPO = 50 * time.Millisecond },
			verdict: drill.Failed, why: "rpo 0.100 s, asked for at most 0.050 s", missed: "rpo",
		},
		{
			name: "ledger not checked after the failover", change: func(s *drill.State) { s.Failovers[0].Check = nil },
			verdict: drill.Inconclusive, why: "rpo was not measured", want: want{"rpo": nil},
		},
		{
			name: "a loss found only at the end counts from the last fault", change: func(s *drill.State) {
				s.Checks[1].Lost = []drill.LostWrite{{ID: "w3", Acked: 2 * time.Second}}
			},
			verdict: drill.Failed, why: "rpo 4.000 s", want: want{"rpo": measured(4), "lost_writes": measured(2)}, missed: "rpo",
		},
		{
			name: "a loss after the fault counts to its end", change: func(s *drill.State) {
				s.Checks[1].Lost = []drill.LostWrite{{ID: "w180", Epoch: 1, Acked: 7 * time.Second}, {ID: "w190", Epoch: 1, Acked: 15 * time.Second}}
			},
			verdict: drill.Failed, why: "rpo 9.100 s", want: want{"rpo": measured(9.1), "lost_writes": measured(3)}, missed: "rpo",
		},
		{
			name: "a loss that no failover explains", change: func(s *drill.State) {
				s.Checks[1].Lost = []drill.LostWrite{{ID: "w190", Acked: 15 * time.Second}}
			},
			verdict: drill.Inconclusive, why: "rpo was not measured", want: want{"rpo": nil, "lost_writes": measured(2)},
		},
		{
			name: "lost writes missed", change: func(s *drill.State) { *s.Plan.Objectives.LostWrites = 0 },
			verdict: drill.Failed, why: "lost_writes 1, asked for at most 0", missed: "lost_writes",
		},
		{
			name: "no audit at the end", change: func(s *drill.State) { s.Checks = s.Checks[:1] },
			verdict: drill.Inconclusive, why: "lost_writes was not measured", want: want{"lost_writes": nil},
		},
		{
			name: "no audit at the end, but too many lost already", change: func(s *drill.State) {
				s.Checks = s.Checks[:1]
				*s.Plan.Objectives.LostWrites = 0
			},
			verdict: drill.Failed, why: "lost_writes at least 1", missed: "lost_writes",
		},
		{
			name: "too many users", change: func(s *drill.State) { *s.Plan.Objectives.UsersAffected = 0.25 },
			verdict: drill.Failed, why: "users_affected 30.00 %, asked for at most 25.00 %", missed: "users_affected",
		},
		{
			name: "nobody asked", change: func(s *drill.State) { s.Populations[0].Last = nil },
			verdict: drill.Inconclusive, why: "users_affected was not measured", want: want{"users_affected": nil},
		},
		{
			name: "altered writes", change: func(s *drill.State) { s.Checks[1].Mismatched = []string{"w7"} },
			verdict: drill.Failed, why: "1 write of orders in eu-west has other contents than were sent",
		},
		{
			name: "not steady before", change: func(s *drill.State) { s.SteadyBefore = &drill.SteadyMeasured{Success: 0.5, Requests: 10} },
			verdict: drill.Inconclusive, why: "not steady before the first step: 50.00 % of 10 requests",
		},
		{
			name: "steady before not measured", change: func(s *drill.State) { s.SteadyBefore = nil },
			verdict: drill.Inconclusive, why: "whether it was steady before the first step was not measured",
		},
		{
			name: "not steady after", change: func(s *drill.State) { s.SteadyAfter = &drill.SteadyMeasured{Success: 0.5, Requests: 10} },
			verdict: drill.Failed, why: "not steady after the last step",
		},
		{
			name: "steady after not measured", change: func(s *drill.State) { s.SteadyAfter = nil },
			verdict: drill.Inconclusive, why: "whether it was steady after the last step was not measured",
		},
		{
			name: "the fault was never proved", change: func(s *drill.State) {
				s.Faults = nil
				s.Commands[0].Error = "no answer from the engine"
			},
			verdict: drill.Inconclusive, why: "kill us-east was never proved: no answer from the engine",
		},
		{
			name: "a fault that was never proved weighs more than a missed objective", change: func(s *drill.State) {
				s.Faults = nil
				*s.Plan.Objectives.LostWrites = 0
			},
			verdict: drill.Inconclusive, why: "kill us-east was never proved; lost_writes 1", missed: "lost_writes",
		},
		{
			name: "planned twice, proved once", change: func(s *drill.State) { s.Plan.Steps = append(s.Plan.Steps, s.Plan.Steps[0]) },
			verdict: drill.Inconclusive, why: "kill us-east was never proved",
		},
		{
			name: "another step did not take effect", change: func(s *drill.State) { s.Commands[2].Error = "it did not start" },
			verdict: drill.Inconclusive, why: "restore us-east did not take effect: it did not start",
		},
		{
			name: "a wait ran out", change: func(s *drill.State) { s.Commands[1].Error = "not recovered within 5m0s" },
			verdict: drill.Inconclusive, why: "wait for recovered came to nothing: not recovered within 5m0s",
		},
		{
			name: "only what is asked for is judged", change: func(s *drill.State) {
				s.Plan.Objectives = runbook.Objectives{}
				s.Checks = nil
			},
			verdict: drill.Passed,
		},
	}
	good := want{"rto": measured(2), "rpo": measured(0.1), "lost_writes": measured(1), "users_affected": measured(0.3)}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := drilled()
			if tt.change != nil {
				tt.change(s)
			}
			judged, verdict, why := Judge(s)
			if verdict != tt.verdict || (tt.why == "") != (why == "") || !strings.Contains(why, tt.why) {
				t.Errorf("%s: %q, want %s: %q", verdict, why, tt.verdict, tt.why)
			}
			for _, j := range judged {
				want, differs := tt.want[j.Name]
				if !differs {
					want = good[j.Name]
				}
				switch {
				case (want == nil) != (j.Measured == nil) || want != nil && abs(*want-*j.Measured) > 1e-9:
					t.Errorf("%s: measured %v, want %v", j.Name, deref(j.Measured), deref(want))
				case (j.Met == nil) != (want == nil):
					t.Errorf("%s: met is known without a measurement, or the other way round", j.Name)
				case j.Met != nil && *j.Met == (tt.missed == j.Name):
					t.Errorf("%s: met %v, missed should be %q", j.Name, *j.Met, tt.missed)
				}
			}
		})
	}
}

func abs(f float64) float64 { return max(f, -f) }

func deref(f *float64) any {
	if f == nil {
		return nil
	}
	return *f
}
