package format

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// tale is a journal as it grows; it began at 14:03:00.
type tale struct{ *drill.State }

func told(datasets ...string) tale {
	t := tale{drill.NewState()}
	fleet := topology.Fleet{
		Name: "three-regions", Failover: topology.FailoverPolicy{Fence: true},
		Regions: []topology.Region{{Name: "us-east"}, {Name: "eu-west"}, {Name: "ap-south"}},
		Users:   []topology.Population{{Name: "americas", Count: 700}},
	}
	if len(datasets) == 0 {
		datasets = []string{"orders"}
	}
	for _, d := range datasets {
		fleet.Datasets = append(fleet.Datasets, topology.Dataset{Name: d, Mode: topology.ModeAsync, Authority: "us-east", Regions: fleet.RegionNames()})
	}
	t.at(0, drill.DrillStarted{Fleet: fleet, On: "local"}, drill.PhaseEntered{Phase: drill.PhaseRunning})
	return t
}

func (t tale) at(seconds float64, bodies ...drill.Body) tale {
	when := time.Duration(seconds * float64(time.Second))
	for _, b := range bodies {
		t.Apply(drill.Event{Seq: t.LastSeq + 1, At: time.Date(2026, 11, 22, 14, 3, 0, 0, time.UTC).Add(when), T: when, Body: b})
	}
	return t
}

func d(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// commanded is a command that took effect, with its fault where it made one.
func (t tale) commanded(id int, at float64, c runbook.Command, f *drill.FaultProved) tale {
	t.at(at, drill.CommandTaken{ID: id, Command: c, Effect: runbook.Effect{}})
	if f != nil {
		f.ID, f.Command, f.From, f.Fault = id, id, d(at), drill.FaultKind(c.Verb)
		t.at(at+0.1, *f)
	}
	return t.at(at+0.2, drill.CommandDone{ID: id, Command: c})
}

func (t tale) kill(id int, at float64, region string) tale {
	return t.commanded(id, at, runbook.Command{Verb: runbook.VerbKill, Region: region}, &drill.FaultProved{Region: region, Done: "killed"})
}

// hurt samples the users of commands: id, asked, affected, and whether that is closed.
func (t tale) hurt(at float64, impacts ...telemetry.UserImpact) tale {
	return t.at(at, drill.TrafficSampled{Window: d(0.5), Populations: []telemetry.Population{{Population: "americas", TotalRequests: 900, TotalFailed: 90, Impacts: impacts}}})
}

// failover moves a dataset's leader over one and a half seconds.
func (t tale) failover(id, fault int, dataset, to string, epoch uint64, at float64) tale {
	for i, stage := range append([]drill.Stage{drill.StageFault}, drill.FailoverStages...) {
		end := at + float64(i)*0.3
		t.at(end, drill.FailoverStaged{ID: id, Dataset: dataset, From: "us-east", To: to, Cause: "fault", Epoch: epoch, Stage: stage, End: d(end), Fault: fault})
	}
	return t
}

func (t tale) checked(at float64, failover int, dataset string, acknowledged, lost int) tale {
	c := drill.LedgerChecked{Dataset: dataset, Region: "eu-west", Why: "failover", Failover: failover, Acknowledged: acknowledged}
	if failover == 0 {
		c.Why = drill.CheckedAtEnd
	}
	for i := range lost {
		c.Lost = append(c.Lost, drill.LostWrite{ID: dataset + string(rune('a'+i)), Epoch: 1, Acked: d(6.9)})
	}
	return t.at(at, c)
}

func TestAnIncidentInTwoSentences(t *testing.T) {
	others := [2]string{"us-east", topology.EndOthers}
	cut := func(c runbook.Command) *drill.FaultProved {
		f := &drill.FaultProved{Done: "partitioned", Effect: runbook.Effect{Cuts: c.Ways()}}
		a, b, oneWay := c.Endpoints()
		f.Between, f.OneWay = []string{a, b}, oneWay
		return f
	}
	tests := []struct {
		name string
		tale func() tale
		want []string // of each incident that is over
	}{
		{"a kill, as it is told in the issue", func() tale {
			return told().kill(1, 7, "us-east").failover(1, 1, "orders", "eu-west", 2, 7).
				hurt(8, telemetry.UserImpact{Command: 1, Asked: 693, Affected: 84, From: d(7), Until: d(8.4), Closed: true}).
				checked(8.9, 1, "orders", 696, 0).at(11, drill.Recovered{Fault: 1, Since: d(8.4)})
		}, []string{"us-east was killed at 14:03:07, and still is. 84 of 693 users saw errors or slow answers, for 1.4 s; eu-west leads, first write after 1.5 s; 0 of 696 confirmed writes lost."}},
		{"one of each, and restored", func() tale {
			return told().kill(1, 7, "us-east").failover(1, 1, "orders", "eu-west", 2, 7).
				hurt(8, telemetry.UserImpact{Command: 1, Asked: 1, Affected: 1, From: d(7), Until: d(8.4), Closed: true}).
				checked(8.9, 1, "orders", 1, 1).at(11, drill.Recovered{Fault: 1, Since: d(8.4)}).at(19, drill.FaultLifted{ID: 1, Done: "restored"})
		}, []string{"us-east was killed at 14:03:07, and restored 12.0 s later. 1 of 1 user saw errors or slow answers, for 1.4 s; eu-west leads, first write after 1.5 s; 1 of 1 confirmed write lost, from the last 100 ms."}},
		{"a freeze of a region that led nothing", func() tale {
			return told().commanded(1, 7, runbook.Command{Verb: runbook.VerbFreeze, Region: "ap-south"}, &drill.FaultProved{Region: "ap-south", Done: "frozen"}).
				hurt(8, telemetry.UserImpact{Command: 1, Asked: 300, From: d(7), Until: d(7), Closed: true}).at(10, drill.Recovered{Fault: 1, Since: d(7)})
		}, []string{"ap-south was frozen at 14:03:07, and still is. None of 300 users who asked saw an error or a slow answer; no leader moved; lost: not checked yet (counted after a failover and at the end)."}},
		{"a partition from all others", func() tale {
			c := runbook.Command{Verb: runbook.VerbPartition, Between: others}
			return told().commanded(1, 7, c, cut(c)).at(10, drill.Recovered{Fault: 1, Since: d(7)})
		}, []string{"us-east was cut off from all other regions and the controller at 14:03:07, and still is. Users affected: unknown; no leader moved; lost: not checked yet (counted after a failover and at the end)."}},
		{"a partition between two regions", func() tale {
			c := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"us-east", "eu-west"}}
			return told().commanded(1, 7, c, cut(c)).at(10, drill.Recovered{Fault: 1, Since: d(7)}).at(12, drill.FaultLifted{ID: 1, Done: "healed"})
		}, []string{"us-east and eu-west were cut off from each other at 14:03:07, and healed 5.0 s later. Users affected: unknown; no leader moved; lost: not checked yet (counted after a failover and at the end)."}},
		{"a partition one way, over at the end", func() tale {
			c := runbook.Command{Verb: runbook.VerbPartition, From: "us-east", To: "eu-west"}
			return told().commanded(1, 7, c, cut(c)).checked(20, 0, "orders", 50, 0).at(20, drill.DrillEnded{Verdict: drill.Failed})
		}, []string{"the way from us-east to eu-west was cut at 14:03:07, and still was when the drill ended. Users affected: unknown; no leader moved; 0 of 50 confirmed writes lost."}},
		{"a brownout", func() tale {
			c := runbook.Command{Verb: "brownout", Between: [2]string{"us-east", "eu-west"}, Shape: topology.Shape{RTT: 600 * time.Millisecond, Loss: 0.02}}
			f := &drill.FaultProved{Between: c.Between[:], Done: "browned out", Shape: c.Shape, Effect: runbook.Effect{Reshapes: c.Ways(), Shape: c.Shape}}
			return told().commanded(1, 7, c, f).hurt(20, telemetry.UserImpact{Command: 1, Asked: 200, Affected: 40, From: d(7), Until: d(22), Closed: true}).
				at(22, drill.FaultLifted{ID: 1, Done: "cleared"}).at(24, drill.Recovered{Fault: 1, Since: d(22)})
		}, []string{"the link between us-east and eu-west was degraded at 14:03:07 (rtt 600 ms, loss 2 %), and cleared 15.0 s later. 40 of 200 users saw errors or slow answers, for 15.0 s; no leader moved; lost: not checked yet (counted after a failover and at the end)."}},
		{"a cordon, and its end", func() tale {
			return told().at(7, drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: runbook.VerbCordon, Region: "us-east"}, Effect: runbook.Effect{Empties: []string{"us-east"}}}).
				at(8, drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "us-east", To: "eu-west", Epoch: 2, Blocked: d(0.181)}, drill.LedgerChecked{Dataset: "orders", Why: "switchover 1", Move: 1, Acknowledged: 90}).
				at(9.2, drill.RegionCordoned{Region: "us-east", On: true}, drill.CommandDone{ID: 1}).
				hurt(9.5, telemetry.UserImpact{Command: 1, Asked: 500, From: d(7), Until: d(9.2), Closed: true}).at(15, drill.RegionCordoned{Region: "us-east"})
		}, []string{"us-east was cordoned (evacuated) at 14:03:07, within 2.2 s, and uncordoned 8.0 s after that began. None of 500 users who asked saw an error or a slow answer; eu-west leads, no write was taken for 181 ms; 0 of 90 confirmed writes lost."}},
		{"another durability, and writes that wait by it", func() tale {
			return told().at(7, drill.ModeChanged{Dataset: "orders", Was: topology.Durability{Mode: topology.ModeAsync}, Now: topology.Durability{Mode: topology.ModeSync, With: "eu-west"}, By: "operator", Took: d(0.4)}).
				at(8, drill.WritesWaiting{Dataset: "orders", For: []string{"eu-west"}, Mode: topology.ModeSync, Since: d(7.5)}).at(9, drill.WritesWaiting{Dataset: "orders"})
		}, []string{"orders changed from async to sync with eu-west at 14:03:07, 400 ms after that was asked for. Writes waited for eu-west for 1.5 s."}},
		{"writes that wait to the end, with the fleet taken down later", func() tale {
			return told().at(7, drill.ModeChanged{Dataset: "orders", Was: topology.Durability{Mode: topology.ModeAsync}, Now: topology.Durability{Mode: topology.ModeSync, With: "eu-west"}, By: "operator", Took: d(0.4)}).
				at(8, drill.WritesWaiting{Dataset: "orders", For: []string{"eu-west"}, Mode: topology.ModeSync, Since: d(7.5)}).
				at(9, drill.TrafficSampled{Window: d(0.5)}, drill.DrillEnded{Verdict: drill.Failed}).at(60, drill.NoteWritten{})
		}, []string{"orders changed from async to sync with eu-west at 14:03:07, 400 ms after that was asked for. Writes waited for eu-west for 1.5 s, to the end."}},
		{"a database that hung", func() tale {
			return told().at(9, drill.StoreStalled{Dataset: "orders", Region: "us-east", Role: role.Authority, Since: d(7), Why: "the disk is full"}).
				failover(1, 0, "orders", "eu-west", 2, 9).checked(11, 1, "orders", 70, 2).at(17, drill.StoreFlows{Dataset: "orders", Region: "us-east"})
		}, []string{"orders in us-east hung at 14:03:07 (the disk is full), and reached its disk again 10.0 s later. Users affected: unknown, they are counted by command; eu-west leads, first write after 1.5 s; 2 of 70 confirmed writes lost, from the last 2.1 s."}},
		{"a leader that nobody took away", func() tale {
			return told().failover(1, 0, "orders", "eu-west", 2, 9).checked(11, 1, "orders", 70, 0)
		}, []string{"orders lost its leader us-east at 14:03:09, and no command of this drill did that. Users affected: unknown, they are counted by command; eu-west leads, first write after 1.5 s; 0 of 70 confirmed writes lost."}},
		{"no failover to the end", func() tale {
			return told().kill(1, 7, "us-east").at(8, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "us-east", Cause: "fault", Stage: drill.StageFault, End: d(7), Fault: 1}).
				hurt(10, telemetry.UserImpact{Command: 1, Asked: 40, Affected: 39, From: d(7)}).at(27, drill.TrafficSampled{Window: d(0.5)}, drill.DrillEnded{Verdict: drill.Aborted}).at(60, drill.NoteWritten{})
		}, []string{"us-east was killed at 14:03:07, and still was when the drill ended. 39 of 40 users saw errors or slow answers, for at least 20.0 s; nobody leads, no write was taken for 20.0 s, to the end; lost: unknown, it was never checked."}},
		{"a leader that was cut off confirmed more than the check knew", func() tale {
			t := told().kill(1, 7, "us-east").failover(1, 1, "orders", "eu-west", 2, 7).checked(8.9, 1, "orders", 40, 1).at(11, drill.Recovered{Fault: 1, Since: d(8.4)})
			return t.at(20, drill.LedgerChecked{Dataset: "orders", Why: drill.CheckedAtEnd, Acknowledged: 90, Lost: []drill.LostWrite{{ID: "later", Epoch: 1, Acked: d(9)}}})
		}, []string{"us-east was killed at 14:03:07, and still is. Users affected: unknown; eu-west leads, first write after 1.5 s; 2 confirmed writes lost, from the last 2.1 s."}},
		{"not over is not told", func() tale { return told().kill(1, 7, "us-east") }, nil},
		{"checked later than users recovered is told then", func() tale {
			return told().kill(1, 7, "us-east").failover(1, 1, "orders", "eu-west", 2, 7).at(11, drill.Recovered{Fault: 1, Since: d(8.4)})
		}, nil},
		{"a check that never comes is not waited for", func() tale {
			return told().kill(1, 7, "us-east").failover(1, 1, "orders", "eu-west", 2, 7).at(11, drill.Recovered{Fault: 1, Since: d(8.4)}).at(30, drill.NoteWritten{})
		}, []string{"us-east was killed at 14:03:07, and still is. Users affected: unknown; eu-west leads, first write after 1.5 s; lost: not checked yet."}},
		{"two datasets, and a split brain of one", func() tale {
			return told("orders", "carts").kill(1, 7, "us-east").failover(1, 1, "orders", "eu-west", 2, 7).failover(2, 1, "carts", "ap-south", 2, 7).
				at(9, drill.SplitBrain{Dataset: "carts", Old: "us-east", OldEpoch: 1, New: "ap-south", NewEpoch: 2, Tails: map[string][]string{"us-east": {"a"}, "ap-south": {"b", "c"}}, Over: false}).
				checked(9, 1, "orders", 30, 0).checked(9, 2, "carts", 20, 1).at(11, drill.Recovered{Fault: 1, Since: d(8.4)})
		}, []string{"us-east was killed at 14:03:07, and still is. Users affected: unknown; orders: eu-west leads, first write after 1.5 s, 0 of 30 confirmed writes lost; carts: ap-south leads, first write after 1.5 s, 1 of 20 confirmed writes lost so far, from the last 100 ms; split brain of carts, both took writes: us-east 1, ap-south 2 so far."}},
		{"users that another command may have affected", func() tale {
			impacts := []telemetry.UserImpact{{Command: 1, Asked: 50, Affected: 5, From: d(7), Until: d(9), Closed: true}, {Command: 2, Asked: 60, Affected: 6, From: d(8), Until: d(10), Closed: true}}
			return told().kill(1, 7, "ap-south").kill(2, 8, "eu-west").hurt(12, impacts...).
				at(12, drill.Recovered{Fault: 1, Since: d(9)}, drill.Recovered{Fault: 2, Since: d(10)})
		}, []string{
			"ap-south was killed at 14:03:07, and still is. 5 of 50 users saw errors or slow answers, for 2.0 s (some of them perhaps by kill eu-west, begun meanwhile); no leader moved; lost: not checked yet (counted after a failover and at the end).",
			"eu-west was killed at 14:03:08, and still is. 6 of 60 users saw errors or slow answers, for 2.0 s (some of them perhaps by kill ap-south, not over then); no leader moved; lost: not checked yet (counted after a failover and at the end).",
		}},
		{"two regions that share a cluster", func() tale {
			t := told().kill(1, 7, "us-east").at(7.3, drill.FaultProved{ID: 9, Fault: drill.FaultKill, Command: 1, Region: "ap-south", Done: "killed", From: d(7)})
			return t.at(11, drill.Recovered{Fault: 1, Since: d(8)}, drill.Recovered{Fault: 9, Since: d(9)})
		}, []string{"us-east and ap-south were killed at 14:03:07, and still are. Users affected: unknown; no leader moved; lost: not checked yet (counted after a failover and at the end)."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.tale().State
			got := Story(s)
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			for _, line := range got {
				if strings.Count(strings.ReplaceAll(line, ". ", ".\n"), "\n") != 1 {
					t.Errorf("no two sentences: %q", line)
				}
			}
		})
	}
}

// While an old leader may go on, what is lost is so far, and its count is told again once it is final: never two that
// contradict each other.
func TestACountThatMayGrowIsSoFar(t *testing.T) {
	s := told()
	s.Fleet.Failover.Fence = false
	cut := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"us-east", topology.EndOthers}}
	s.commanded(1, 7, cut, &drill.FaultProved{Between: cut.Between[:], Effect: runbook.Effect{Cuts: cut.Ways()}})
	s.failover(1, 1, "orders", "eu-west", 2, 7).checked(8.9, 1, "orders", 40, 1).at(11, drill.Recovered{Fault: 1, Since: d(8.4)})
	var teller Teller
	tells := func(want string) {
		t.Helper()
		got := ""
		for _, l := range teller.Tell(s.State) {
			got += l.Text[strings.Index(l.Text, "1.5 s; ")+len("1.5 s; "):]
		}
		if got != want {
			t.Errorf("it tells %q, want %q", got, want)
		}
	}
	split := func(over bool, ids ...string) drill.SplitBrain {
		return drill.SplitBrain{Dataset: "orders", Old: "us-east", OldEpoch: 1, New: "eu-west", NewEpoch: 2, Tails: map[string][]string{"us-east": ids}, Over: over}
	}
	tells("1 of 40 confirmed writes lost so far, from the last 100 ms.")
	s.at(12, split(false, "later"))
	tells("")
	s.at(19, drill.RejoinStarted{Dataset: "orders", Region: "us-east"}, split(true)).at(20, drill.NoteWritten{})
	tells("") // the old leader follows, and what it took meanwhile was not looked for
	if measure.Checked(s.State, "orders") {
		t.Error("what both took was not checked, and it says so")
	}
	s.at(24, drill.LedgerChecked{Dataset: "orders", Why: drill.CheckedAtEnd, Acknowledged: 90, LostBefore: 1, Lost: []drill.LostWrite{{ID: "later", Epoch: 1, Acked: d(9)}}})
	tells("2 confirmed writes lost, from the last 2.1 s; split brain, both took writes: us-east 1, eu-west 0.")
	tells("")
	if n := measure.Moves(s.State, "")[0].Lost(s.State); n != (measure.Count{N: 2, Known: true}) {
		t.Errorf("of the move: %+v", n)
	}
}

// A leader that is dead, or follows by now, takes no more writes; one that stands still goes on later.
func TestWhoseCountMayGrow(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fence bool
		fault drill.FaultProved
		then  []drill.Body
		want  bool
	}{
		{"fenced", true, drill.FaultProved{Region: "us-east", Effect: runbook.Effect{Stops: []string{"us-east"}, Still: true}}, nil, false},
		{"stands still", false, drill.FaultProved{Region: "us-east", Effect: runbook.Effect{Stops: []string{"us-east"}, Still: true}}, nil, true},
		{"is dead", false, drill.FaultProved{Region: "us-east", Effect: runbook.Effect{Stops: []string{"us-east"}}}, nil, false},
		{"follows", false, drill.FaultProved{Region: "us-east", Effect: runbook.Effect{Stops: []string{"us-east"}, Still: true}}, []drill.Body{drill.RejoinStarted{Dataset: "orders", Region: "us-east"}}, false},
	} {
		s := told()
		s.Fleet.Failover.Fence = tt.fence
		s.commanded(1, 7, runbook.Command{Verb: runbook.VerbFreeze, Region: "us-east"}, &tt.fault)
		s.failover(1, 1, "orders", "eu-west", 2, 7).checked(8.9, 1, "orders", 40, 1).at(11, tt.then...)
		if got := measure.Moves(s.State, "")[0].LosesMore(s.State); got != tt.want {
			t.Errorf("%s: it may grow: %v", tt.name, got)
		}
	}
}

// A timeline has what an incident came to at the time when that was known, among the events.
func TestATimelineTellsIncidents(t *testing.T) {
	s := told().kill(1, 7, "ap-south").at(10, drill.Recovered{Fault: 1, Since: d(7)}).at(12, drill.NoteWritten{By: "ann", Text: "next"}).State
	lines := Timeline(s)
	n := len(lines)
	if n < 3 || lines[n-1].Mark != MarkOperator || lines[n-2].Mark != MarkIncident || lines[n-2].T != d(10) {
		t.Fatalf("%+v", lines)
	}
	for i, l := range lines[1:] {
		if l.T < lines[i].T {
			t.Errorf("line %d is of before the one above it", i+1)
		}
	}
	if all := measure.Incidents(s); len(all) != 1 || !all[0].Over {
		t.Errorf("%+v", all)
	}
}

// TestIncidentsAreToldOnce: also where one that was over earlier is known to be over later.
func TestIncidentsAreToldOnce(t *testing.T) {
	s := told().kill(1, 7, "ap-south").kill(2, 8, "eu-west").
		hurt(9, telemetry.UserImpact{Command: 1, Asked: 50, Affected: 5, From: d(7)}, telemetry.UserImpact{Command: 2, Asked: 50, Affected: 5, From: d(8), Until: d(9), Closed: true})
	var teller Teller
	tells := func(want string) {
		t.Helper()
		var got []string
		for _, l := range teller.Tell(s.State) {
			got = append(got, strings.Fields(l.Text)[0])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("it tells of %q, want %q", got, want)
		}
	}
	s.at(10, drill.Recovered{Fault: 1, Since: d(9)})
	tells("")
	s.at(11, drill.Recovered{Fault: 2, Since: d(9)})
	tells("eu-west")
	s.hurt(12, telemetry.UserImpact{Command: 1, Asked: 50, Affected: 5, From: d(7), Until: d(10), Closed: true})
	if all := measure.Incidents(s.State); len(all) != 2 || all[0].Command.ID != 1 {
		t.Fatalf("the first command's is not sorted before: %+v", all)
	}
	tells("ap-south")
	tells("")
}

func TestWhenIsOneClock(t *testing.T) {
	s := told().State
	if got := When(s, d(3.25)); got != "3.2 s since the start" {
		t.Errorf("before any fault: %q", got)
	}
	s = told().kill(1, 7, "us-east").State
	for at, want := range map[float64]string{7: "0.0 s after the first fault", 19.26: "12.2 s after the first fault", 70: "1m 03s after the first fault", 5: "5.0 s since the start"} {
		if got := When(s, d(at)); got != want {
			t.Errorf("at %v: %q, want %q", at, got, want)
		}
	}
	if got := Stamp(s, d(19.26)); got != "00:12.2" {
		t.Errorf("in a column: %q", got)
	}
}

// A free drill has no verdict, and one of which most failed does not read as a success.
func TestOutcomes(t *testing.T) {
	free := told().at(9, drill.DrillEnded{Verdict: drill.Inconclusive, Why: NoGoals})
	if word, why := Outcome(free.State); word != "free drill" || why != NoGoals {
		t.Errorf("%q, %q", word, why)
	}
	if got := Unasked(free.State); got != "" {
		t.Errorf("nobody asked anything, and it says %q", got)
	}
	failing := told().at(8, drill.TrafficSampled{Populations: []telemetry.Population{{Population: "americas", TotalRequests: 10, TotalFailed: 6}}})
	if got := Unasked(failing.State); got != "most requests failed (6 of 10), and no goal asked about them" {
		t.Errorf("%q", got)
	}
	broken := told().at(9, drill.DrillEnded{Verdict: drill.Inconclusive, Why: "the fleet did not come up"})
	if word, _ := Outcome(broken.State); word != "inconclusive" {
		t.Errorf("a fleet that did not come up is %q", word)
	}
}

// A fault of trust hurts nobody while connections stay open, and is over for its own count; whom its refusals cost when another fault
// has everybody connect anew is counted with that one, and each of both says so.
func TestWhatAFaultOfTrustCostLaterIsSaid(t *testing.T) {
	withheld := tale(told()).commanded(1, 5, runbook.Command{Verb: "withhold-bundles", Region: "eu-west"}, &drill.FaultProved{Region: "eu-west", Part: runbook.PartBundles, Done: "stopped",
		Effect: runbook.Effect{Weakens: []runbook.Weakening{{Region: "eu-west", Part: runbook.PartBundles, Web: 1, Trust: true}}}})
	withheld.hurt(5.5, telemetry.UserImpact{Command: 1, Asked: 39, From: d(5), Until: d(5.4), Closed: true})
	story := func() (trust, kill string) {
		for _, i := range measure.Incidents(withheld.State) {
			_, cost := Incident(withheld.State, i)
			if i.Command.ID == 1 {
				trust = cost
			} else {
				kill = cost
			}
		}
		return trust, kill
	}
	if trust, _ := story(); !strings.HasPrefix(trust, "None of 39 users who asked saw an error or a slow answer") {
		t.Errorf("before anybody is refused: %s", trust)
	}
	refused := identity.Tally{Refused: identity.Refused{Reason: identity.UnknownAuthority, Domain: "ap-south.three-regions"}, Peer: "spiffe://ap-south.three-regions/region/ap-south/gateway", Times: 2}
	withheld.at(5.8, drill.IdentitySampled{Who: "eu-west", Refuses: []identity.Tally{refused}}) // it goes on to be refused
	withheld.kill(2, 6, "us-east")
	withheld.hurt(9, telemetry.UserImpact{Command: 1, Asked: 39, From: d(5), Until: d(5.4), Closed: true}, telemetry.UserImpact{Command: 2, Asked: 200, Affected: 90, From: d(6)})
	trust, kill := story()
	if want := "None of 39 users who asked at first saw an error or a slow answer; then eu-west refuses ap-south: unknown authority of domain ap-south.three-regions, from 14:03:05 on (whom that cost something is counted with kill us-east)"; !strings.HasPrefix(trust, want) {
		t.Errorf("of the withheld bundles it says:\n%s\nnot\n%s", trust, want)
	}
	if want := "(some of them perhaps by withhold-bundles eu-west, which held)"; !strings.Contains(kill, want) {
		t.Errorf("of the kill it says:\n%s\nnot %s", kill, want)
	}
}
