package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// journal applies bodies at times.
type journal struct{ *drill.State }

func (j journal) at(t time.Duration, bodies ...drill.Body) {
	for _, b := range bodies {
		j.Apply(drill.Event{Seq: j.LastSeq + 1, T: t, Body: b})
	}
}

func begun() journal {
	j := journal{drill.NewState()}
	j.at(0, drill.DrillStarted{Fleet: topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}},
		Users:    []topology.Population{{Name: "near", Count: 100}, {Name: "far", Count: 300}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west", "south"}}},
	}})
	return j
}

func (j journal) failover(id int, epoch uint64, fault int, from, to string, at time.Duration, lost ...drill.LostWrite) {
	for i, stage := range append([]drill.Stage{drill.StageFault}, drill.FailoverStages...) {
		end := at + time.Duration(i)*ms(400)
		j.at(end, drill.FailoverStaged{ID: id, Dataset: "orders", From: from, To: to, Cause: "fault", Epoch: epoch, Stage: stage, End: end, Fault: fault})
	}
	j.at(at+ms(2100), drill.LedgerChecked{Dataset: "orders", Region: to, Why: "failover", Failover: id, Acknowledged: 100, Lost: lost})
}

func TestRPOIsFromTheOldestLostWriteToTheFault(t *testing.T) {
	j := begun()
	j.failover(1, 2, 0, "east", "west", ms(250), drill.LostWrite{ID: "b", Epoch: 1, Acked: ms(240)}, drill.LostWrite{ID: "a", Epoch: 1, Acked: ms(220)})
	m := Moves(j.State, "orders")[0]
	if rpo := m.RPO(j.State); !rpo.Known || rpo.D != ms(30) {
		t.Errorf("%+v", rpo)
	}
	if lost := Losses(j.State, "orders"); len(lost) != 2 || lost[0].ID != "a" {
		t.Errorf("%+v", lost)
	}
	// A cut-off authority went on: to the newest of its writes.
	j.at(ms(9000), drill.LedgerChecked{Dataset: "orders", Why: drill.CheckedAtEnd, Lost: []drill.LostWrite{{ID: "c", Epoch: 1, Acked: ms(1500)}}})
	if rpo := m.RPO(j.State); rpo.D != ms(1280) {
		t.Errorf("to the newest: %+v", rpo)
	}
}

func TestWhatIsNotMeasuredIsNotKnown(t *testing.T) {
	j := begun()
	j.at(ms(100), drill.FailoverStaged{ID: 1, Dataset: "orders", From: "east", Cause: "fault", Stage: drill.StageFault, End: ms(100)})
	m := Moves(j.State, "orders")[0]
	if rpo := m.RPO(j.State); rpo.Known {
		t.Errorf("an RPO before the ledger was checked: %+v", rpo)
	}
	if rto := m.RTO(j.State); !rto.AtLeast {
		t.Errorf("an RTO before any write was acknowledged: %+v", rto)
	}
	if AffectedNow(j.State).Known || BlastRadius(j.State).Known || AffectedBy(j.State, 1, "").Known {
		t.Error("users are affected before anybody asked")
	}
	if n := Lost(j.State, ""); n.Known {
		t.Errorf("lost writes are known before a check: %+v", n)
	}
}

// A check that comes after a second failover lists what the first one lost, too. Each write
// belongs to the failover that ended the epoch in which it was acknowledged.
func TestLostWritesBelongToTheirOwnFailover(t *testing.T) {
	first := drill.LostWrite{ID: "w1", Epoch: 1, Acked: ms(12700)} // acknowledged by a cut-off authority
	second := drill.LostWrite{ID: "w2", Epoch: 2, Acked: ms(29900)}
	j := begun()
	j.at(ms(12000), drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{"east", topology.EndOthers}, From: ms(12000)})
	j.failover(1, 2, 1, "east", "west", ms(12000), drill.LostWrite{})
	j.Checks = nil // the first check came before the cut healed and saw nothing
	j.Failovers[0].Check.Lost = nil
	j.at(ms(30000), drill.FaultProved{ID: 2, Fault: drill.FaultKill, Region: "west", From: ms(30000)})
	j.failover(2, 3, 2, "west", "south", ms(30000), first, second)
	moves := Moves(j.State, "orders")
	for i, want := range []string{"w1", "w2"} {
		if lost := LostBy(j.State, moves[i]); len(lost) != 1 || lost[0].ID != want {
			t.Errorf("failover %d lost %+v, want %s", i+1, lost, want)
		}
	}
	if rpo := moves[1].RPO(j.State); rpo.D != ms(100) {
		t.Errorf("RPO of the second %s, want 100 ms: the write of the first is none of its", rpo.D)
	}
	if rpo := moves[0].RPO(j.State); rpo.D != 0 {
		t.Errorf("RPO of the first %s: its one write was acknowledged after the cut", rpo.D)
	}
	if n := Lost(j.State, "orders"); n.N != 2 {
		t.Errorf("%d lost in all, want each once", n.N)
	}
}

// What is predicted of a command stands beside what that command did, not beside the drill.
func TestPredictionsAreMeasuredByTheirOwnCommand(t *testing.T) {
	j := begun()
	take := func(at time.Duration, id int, c runbook.Command, share float64) {
		j.at(at, drill.CommandTaken{ID: id, Command: c}, drill.ImpactPredicted{ID: id, Impact: runbook.Impact{Share: share, WritesAtRisk: map[string]*uint64{"orders": nil}}})
	}
	take(ms(1000), 1, runbook.Command{Verb: runbook.VerbKill, Region: "east"}, 0.5)
	j.at(ms(1100), drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "east", From: ms(1000), Command: 1})
	j.failover(1, 2, 1, "east", "west", ms(1000))
	take(ms(9000), 2, runbook.Command{Verb: runbook.VerbCordon, Region: "west"}, 0)
	j.at(ms(9400), drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "west", To: "south", Epoch: 3, Blocked: ms(300)})
	j.at(ms(12000), drill.TrafficSampled{Populations: []telemetry.Population{
		{Population: "near", AskedEver: 60, AffectedEver: 30, Impacts: []telemetry.UserImpact{{Command: 1, Asked: 40, Affected: 30, Closed: true}, {Command: 2, Asked: 20}}},
		{Population: "far", AskedEver: 140, AffectedEver: 10, Impacts: []telemetry.UserImpact{{Command: 1, Asked: 60, Affected: 10, Closed: true}, {Command: 2, Asked: 80}}},
	}})
	all := Predictions(j.State)
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	kill, cordon := all[0], all[1]
	if a := kill.Measured; a.Asked != 100 || a.Affected != 40 || a.Share != 0.4 || a.Open {
		t.Errorf("the kill: %+v", a)
	}
	if a := cordon.Measured; !a.Known || a.Affected != 0 || a.Share != 0 || !a.Open {
		t.Errorf("the cordon has the kill's users: %+v", a)
	}
	if m := kill.Moves["orders"]; m.Failover == nil || m.Failover.ID != 1 {
		t.Errorf("the kill's move: %+v", m)
	}
	if m := cordon.Moves["orders"]; m.Switchover == nil {
		t.Errorf("the cordon's move: %+v", m)
	}
	if a := AffectedBy(j.State, 1, "near"); a.Share != 0.75 {
		t.Errorf("of near: %+v", a)
	}
	if a := BlastRadius(j.State); a.Asked != 100 || a.Affected != 40 {
		t.Errorf("of the drill: %+v, want the kill's, which the harmless cordon does not thin out", a)
	}
}

// Every millisecond of a switchover has a name.
func TestSwitchoverStepsAddUp(t *testing.T) {
	m := drill.SwitchoverDone{Fence: ms(12), CatchUp: ms(61), Promote: ms(3), Blocked: ms(313)}
	sum, last := time.Duration(0), Step{}
	for _, step := range SwitchoverSteps(m) {
		sum, last = sum+step.Took, step
	}
	if sum != m.Blocked || last != (Step{"reroute", ms(237)}) {
		t.Errorf("%s of %s, the last is %+v", sum, m.Blocked, last)
	}
}

func TestOneRTO(t *testing.T) {
	j := begun()
	if rto := RTO(j.State, ""); rto.Known {
		t.Errorf("without a move: %+v", rto)
	}
	j.failover(1, 2, 0, "east", "west", ms(1000))
	j.at(ms(9000), drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "west", To: "east", Epoch: 3, Blocked: ms(2300)})
	if rto := RTO(j.State, "orders"); rto.D != ms(2300) || rto.AtLeast {
		t.Errorf("the longest is the switchover's: %+v", rto)
	}
	j.at(ms(20000), drill.FailoverStaged{ID: 2, Dataset: "orders", From: "east", Stage: drill.StageFault, End: ms(20000)})
	j.at(ms(25000), drill.LinksSampled{})
	if rto := RTO(j.State, ""); rto.D != ms(5000) || !rto.AtLeast {
		t.Errorf("one that is not over: %+v", rto)
	}
}

func TestP99NeedsSamples(t *testing.T) {
	j := begun()
	slow := func(n int, p50, p99 int) telemetry.WriteLatency {
		d50, d99 := ms(p50), ms(p99)
		return telemetry.WriteLatency{Acknowledged: n, P50: &d50, P99: &d99}
	}
	j.at(ms(1000), drill.TrafficSampled{Populations: []telemetry.Population{
		{Population: "near", Datasets: map[string]telemetry.WriteLatency{"orders": slow(20, 90, 900)}},
		{Population: "far", Datasets: map[string]telemetry.WriteLatency{"orders": slow(400, 80, 240)}},
	}})
	w, known := SlowestWrites(j.State, "orders")
	if !known || w.Population != "far" || *w.P99 != ms(240) {
		t.Errorf("%+v: a p99 of 20 writes is noise", w)
	}
	// A journal of before says not of how many writes its p99 is.
	j = begun()
	p50, p99 := ms(80), ms(240)
	j.at(ms(1000), drill.TrafficSampled{Populations: []telemetry.Population{{Population: "near", TotalWriteP50: &p50, TotalWriteP99: &p99}}})
	if w, known := SlowestWrites(j.State, "orders"); !known || *w.P50 != p50 || w.P99 != nil {
		t.Errorf("of an old journal: %+v", w)
	}
}

// A command that failed did nothing, so nothing is to be held against its prediction.
func TestAFailedCommandHasNoPrediction(t *testing.T) {
	j := begun()
	kill := func(id int, region string) {
		c := runbook.Command{Verb: runbook.VerbKill, Region: region}
		j.at(ms(1000*id), drill.CommandTaken{ID: id, Command: c})
		j.at(ms(1000*id), drill.ImpactPredicted{ID: id, Impact: runbook.Impact{Share: 0.1 * float64(id)}})
	}
	kill(1, "east")
	j.at(ms(1100), drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "east", Command: 1})
	kill(2, "west")
	j.at(ms(2100), drill.CommandFailed{ID: 2, Command: runbook.Command{Verb: runbook.VerbKill, Region: "west"}, Error: "no such process"})
	if all := Predictions(j.State); len(all) != 1 || all[0].ID != 1 {
		t.Errorf("%+v", all)
	}
	// What failed later than its users were affected is still held against what was predicted.
	j.at(ms(2200), drill.TrafficSampled{Populations: []telemetry.Population{{Population: "near", Impacts: []telemetry.UserImpact{{Command: 2, Asked: 10, Affected: 1}}}}})
	if all := Predictions(j.State); len(all) != 2 {
		t.Errorf("%+v", all)
	}
}

// What a move lost is measured by the check that follows it, on screen and in the report alike.
func TestALossIsMeasuredByTheMovesOwnCheck(t *testing.T) {
	j := begun()
	j.Fleet.Failover.Fence = true
	for i, stage := range []drill.Stage{drill.StageFault, drill.StagePromote, drill.StageReroute} {
		j.at(ms(100*i), drill.FailoverStaged{ID: 1, Dataset: "orders", From: "east", To: "west", Epoch: 2, Cause: "fault", Stage: stage, End: ms(100 * i)})
	}
	m := func() Move { return Moves(j.State, "orders")[0] }
	if n := m().Lost(j.State); n.Known || !n.AtLeast {
		t.Errorf("before any check: %+v", n)
	}
	lost := []drill.LostWrite{{ID: "a", Epoch: 1, Acked: ms(1)}}
	j.at(ms(900), drill.LedgerChecked{Dataset: "orders", Why: "switchover 9", Lost: lost})
	if n := m().Lost(j.State); !n.Known || !n.AtLeast || n.N != 1 {
		t.Errorf("after another's check: %+v", n)
	}
	j.at(ms(950), drill.LedgerChecked{Dataset: "orders", Region: "west", Why: "failover 1", Failover: 1, Acknowledged: 5, Lost: lost})
	if n := m().Lost(j.State); !n.Known || n.AtLeast || n.N != 1 || m().Check(j.State).Acknowledged != 5 {
		t.Errorf("after its own: %+v", n)
	}
}

// TestARoundTripIsMeasuredBothWays holds that one way alone is no round trip.
func TestARoundTripIsMeasuredBothWays(t *testing.T) {
	there, back := 41*time.Millisecond, 43*time.Millisecond
	s := &drill.State{Links: []telemetry.Link{{From: "a", To: "b", Transit: &there}, {From: "b", To: "a"}, {From: "a", To: "c", Transit: &back}}}
	if got, known := RoundTripMeasured(s, "a", "b"); known {
		t.Errorf("one way is a round trip of %s", got)
	}
	s.Links[1].Transit = &back
	for _, pair := range [][2]string{{"a", "b"}, {"b", "a"}} {
		if got, known := RoundTripMeasured(s, pair[0], pair[1]); !known || got != 84*time.Millisecond {
			t.Errorf("%v: %s, %v", pair, got, known)
		}
	}
}
