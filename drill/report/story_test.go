package report

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

const ms = time.Millisecond

// diary writes a journal's events one after the other.
type diary struct {
	events []drill.Event
	began  time.Time
}

func (d *diary) at(t time.Duration, bodies ...drill.Body) {
	for _, b := range bodies {
		d.events = append(d.events, drill.Event{Seq: uint64(len(d.events) + 1), At: d.began.Add(t), T: t, Body: b})
	}
}

func of[T any](v T) *T { return &v }

// lostAuthority is a drill as it goes: us-east is killed at 7 s, eu-west leads
// from 9.1 s on, us-east is back at 13 s, drops three writes of its own, and
// leads again from 20.2 s on.
func lostAuthority() []drill.Event {
	fleet := topology.Fleet{
		Name: "three-regions",
		Regions: []topology.Region{
			{Name: "us-east", Place: "Virginia"}, {Name: "eu-west", Place: "Ireland"}, {Name: "ap-south", Place: "Mumbai"},
		},
		Users: []topology.Population{{Name: "americas", Count: 5000}, {Name: "asia", Count: 1000}},
		Datasets: []topology.Dataset{{Name: "orders", Engine: "log", Mode: topology.ModeAsync, Authority: "us-east",
			Regions: []string{"us-east", "eu-west", "ap-south"}}},
	}
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "us-east", By: "drill"}
	restore := runbook.Command{Verb: runbook.VerbRestore, Region: "us-east", By: "drill"}
	plan := &runbook.Plan{
		Name: "lose-the-authority", Title: "Lose us-east",
		Objectives: runbook.Objectives{RTO: of(10 * time.Second), RPO: of(time.Second), LostWrites: of(0), UsersAffected: of(0.6)},
		Steady:     runbook.Steady{For: 5 * time.Second, Success: 0.99},
		Steps:      []runbook.Step{{Command: kill}, {At: 5 * time.Second, Command: restore}},
		End:        15 * time.Second,
	}
	d := &diary{began: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)}
	d.at(0, drill.DrillStarted{Fleet: fleet, On: "local", Plan: plan, Seed: 1, Version: "test"})
	d.at(1*time.Second, drill.PhaseEntered{Phase: drill.PhaseSteady})
	stores := func(t time.Duration, east, west, south telemetry.Replica) {
		for i, s := range []*telemetry.Replica{&east, &west, &south} {
			s.Dataset, s.Region = "orders", fleet.Regions[i].Name
		}
		d.at(t, drill.StoresSampled{Stores: []telemetry.Replica{east, west, south}})
	}
	leads := func(epoch uint64, bytes int64) telemetry.Replica {
		return telemetry.Replica{Role: role.Authority, Epoch: epoch, Bytes: bytes}
	}
	follows := func(bytes int64) telemetry.Replica {
		return telemetry.Replica{Role: role.Follower, Epoch: 1, Bytes: bytes}
	}
	silent := telemetry.Replica{Stale: true}

	stores(2*time.Second, leads(1, 1000), follows(900), follows(800))
	stores(3*time.Second, leads(1, 2000), follows(1900), follows(1700)) // 1000 + 900 from us-east
	d.at(6*time.Second, drill.SteadyMeasured{When: "before", Success: 0.9975, Requests: 400, For: 5 * time.Second, Met: true},
		drill.PhaseEntered{Phase: drill.PhaseRunning}, drill.NoteWritten{By: "ann", Text: "watch <eu-west>"})
	d.at(7*time.Second, drill.CommandTaken{ID: 1, Command: kill},
		drill.ImpactPredicted{ID: 1, Impact: runbook.Impact{Share: 0.44, Users: map[string]float64{"americas": 0.8, "asia": 0.25}}})
	d.at(7120*ms, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "us-east", From: 7 * time.Second, Proof: "process 4711 killed by signal 9, port refuses"},
		drill.CommandDone{ID: 1, Command: kill})
	stage := func(s drill.Stage, end time.Duration) {
		d.at(end, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "us-east", To: "eu-west", Cause: "fault", Epoch: 2, Stage: s, End: end})
	}
	stage(drill.StageFault, 7*time.Second)
	stores(8*time.Second, silent, follows(2000), follows(1900)) // 100 + 200 from us-east
	stage(drill.StageDetect, 8200*ms)
	stage(drill.StageDecide, 8210*ms)
	stage(drill.StageFence, 8900*ms)
	stage(drill.StagePromote, 8920*ms)
	stage(drill.StageReroute, 9100*ms)
	d.at(9300*ms, drill.LedgerChecked{Dataset: "orders", Region: "eu-west", Why: "failover 1", Failover: 1, Acknowledged: 120,
		Lost: []drill.LostWrite{{ID: "w118", Acked: 6950 * ms}, {ID: "w119", Acked: 6970 * ms}}})
	stores(10*time.Second, silent, leads(2, 2600), follows(2500)) // 600 from eu-west
	d.at(11*time.Second, drill.Recovered{Fault: 1, Since: 9400 * ms})
	d.at(12*time.Second, drill.CommandTaken{ID: 2, Command: restore})
	d.at(13*time.Second, drill.FaultLifted{ID: 1, Region: "us-east", Proof: "gateway answers"}, drill.CommandDone{ID: 2, Command: restore})
	stores(13500*ms, follows(2000), leads(2, 3000), follows(2900)) // 400 from eu-west; us-east says itself what it copied
	d.at(13600*ms, drill.RejoinStarted{Dataset: "orders", Region: "us-east", Authority: "eu-west", OwedBytes: of(int64(1000))})
	stores(14*time.Second, follows(2700), leads(2, 3100), follows(3000))                                                                           // 100 from eu-west
	d.at(14200*ms, drill.RejoinDone{Dataset: "orders", Region: "us-east", Diverged: 3, Exported: "diverged-1.jsonl", Bytes: 1150, Took: 600 * ms}) // 1150 from eu-west
	stores(15*time.Second, follows(3200), leads(2, 3200), follows(3200))                                                                           // 200 from eu-west
	d.at(20200*ms, drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "eu-west", To: "us-east", Epoch: 3,
		Fence: 85 * ms, CatchUp: 40 * ms, Promote: 20 * ms, Blocked: 230 * ms})
	d.at(20300*ms, drill.LedgerChecked{Dataset: "orders", Region: "us-east", Why: "switchover 1", Move: 1, Acknowledged: 300, Lost: []drill.LostWrite{}})
	stores(21*time.Second, leads(3, 4200), follows(4000), follows(4000)) // 800 from us-east; eu-west led until its last answer
	sent := func(from, to string, bytes uint64) telemetry.Link {
		return telemetry.Link{From: from, To: to, Bytes: bytes + 500, Datasets: map[string]uint64{"orders": bytes}}
	}
	d.at(21500*ms, drill.LinksSampled{Links: []telemetry.Link{
		sent("us-east", "eu-west", 2000), sent("us-east", "ap-south", 1800), sent("eu-west", "us-east", 1500), sent("eu-west", "ap-south", 1300),
	}})
	d.at(22*time.Second, drill.TrafficSampled{Window: 500 * ms, Populations: []telemetry.Population{
		{Population: "americas", AskedEver: 500, AffectedEver: 160, TotalRequests: 2000, TotalFailed: 55, Failures: map[string]int{"upstream": 48, "shed": 7},
			TotalP50: of(31 * ms), TotalP99: of(1999999 * time.Microsecond), TotalServedBy: map[string]int{"us-east": 1500, "eu-west": 445},
			TotalWriteP50: of(33 * ms), TotalWriteP99: of(1500 * ms),
			Datasets: map[string]telemetry.WriteLatency{"orders": {Acknowledged: 300, Failed: 40, P50: of(33 * ms), P99: of(1500 * ms)}}},
		{Population: "asia", AskedEver: 140, AffectedEver: 0, TotalRequests: 400, TotalFailed: 0,
			TotalP50: of(19 * ms), TotalP99: of(260 * ms), TotalServedBy: map[string]int{"ap-south": 400},
			TotalWriteP50: of(241 * ms), TotalWriteP99: of(300 * ms),
			Datasets: map[string]telemetry.WriteLatency{"orders": {Acknowledged: 80, P50: of(241 * ms), P99: of(300 * ms)}}},
	}})
	d.at(23*time.Second, drill.SteadyMeasured{When: "after", Success: 1, Requests: 410, For: 5 * time.Second, Met: true})
	d.at(23500*ms, drill.LedgerChecked{Dataset: "orders", Region: "us-east", Why: drill.CheckedAtEnd, Acknowledged: 380, Unacknowledged: 40,
		Lost: []drill.LostWrite{}, PresentUnacknowledged: 7})
	return d.events
}

// judged is the journal with its end, as the engine writes it.
func judged(events []drill.Event) []drill.Event {
	s := drill.NewState()
	for _, e := range events {
		s.Apply(e)
	}
	last := events[len(events)-1]
	d := &diary{events: events, began: last.At.Add(-last.T)}
	objectives, verdict, why := verdict.Judge(s)
	for _, o := range objectives {
		d.at(23600*ms, o)
	}
	d.at(23600*ms, drill.DrillEnded{Verdict: verdict, Why: why})
	d.at(23700*ms, drill.PhaseEntered{Phase: drill.PhaseTearDown})
	d.at(25*time.Second, drill.PhaseEntered{Phase: drill.PhaseEnded}, drill.Unknown{Name: "comet.seen", Raw: fmt.Append(nil, "{}")})
	return d.events
}
