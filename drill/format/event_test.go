package format

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func apply(bodies ...drill.Body) *drill.State {
	s := drill.NewState()
	for i, b := range bodies {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i+1) * 100 * time.Millisecond, Body: b})
	}
	return s
}

// Whatever the state puts on its timeline has words and a time.
func TestEveryLineOfATimelineHasWords(t *testing.T) {
	s := apply(
		drill.DrillStarted{Fleet: topology.Fleet{
			Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
			Datasets: []topology.Dataset{{Name: "orders", Regions: []string{"east", "west"}}},
		}},
		drill.PhaseEntered{Phase: drill.PhaseSteady},
		drill.SteadyMeasured{When: "before", Success: 1, Requests: 1, For: time.Second, Met: true},
		drill.StageEntered{Region: "east", Stage: "start", Status: drill.StageFailed, Detail: "no memory"},
		drill.RegionJudged{Region: "east", Up: true, After: 1},
		drill.RegionJudged{Region: "east", After: 3, Why: "timeout"},
		drill.RegionCordoned{Region: "east", On: true, Proof: "read back"},
		drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: runbook.VerbKill, Region: "east"}},
		drill.CommandFailed{ID: 1, Command: runbook.Command{Verb: runbook.VerbKill, Region: "east"}, Error: "no"},
		drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{"east", "west"}, Proof: "silent"},
		drill.FaultLifted{ID: 1, Proof: "answers"},
		drill.AuthorityTook{Dataset: "orders", Region: "east", Epoch: 1},
		drill.FailoverStaged{ID: 1, Dataset: "orders", From: "east", Stage: drill.StageFault, End: time.Second},
		drill.FailoverStaged{ID: 1, Dataset: "orders", From: "east", Stage: drill.StageDetect, End: 2 * time.Second, Detail: "3 probes"},
		drill.FailoverStaged{ID: 1, Dataset: "orders", From: "east", To: "west", Epoch: 2, Stage: drill.StagePromote, End: 3 * time.Second},
		drill.FailoverStaged{ID: 1, Dataset: "orders", From: "east", To: "west", Epoch: 2, Stage: drill.StageReroute, End: 4 * time.Second},
		drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "west", To: "east", Epoch: 3},
		drill.ModeChanged{Dataset: "orders", Was: topology.Durability{Mode: topology.ModeAsync}, Now: topology.Durability{Mode: topology.ModeQuorum}},
		drill.WritesWaiting{Dataset: "orders", For: []string{"west"}, Mode: topology.ModeQuorum},
		drill.WritesWaiting{Dataset: "orders"},
		drill.SplitBrain{Dataset: "orders", Old: "east", OldEpoch: 1, New: "west", NewEpoch: 2, Tails: map[string][]string{"east": {"a"}, "west": {"b", "c"}}},
		drill.SplitBrain{Dataset: "orders", Old: "east", OldEpoch: 1, New: "west", NewEpoch: 2, Tails: map[string][]string{"east": {"d"}}, Over: true},
		drill.StoreStalled{Dataset: "orders", Region: "east", Role: role.Authority, Why: "it hangs"},
		drill.StoreCopying{Dataset: "orders", Region: "east", Authority: "west", Copying: telemetry.Copying{Total: 9 << 20, Attempt: 1}},
		drill.StoreCopying{Dataset: "orders", Region: "east", Authority: "west", Copying: telemetry.Copying{Total: 9 << 20, Attempt: 2}, Why: "no stream"},
		drill.StoreCopying{Dataset: "orders", Region: "east", Authority: "west", Copying: telemetry.Copying{Bytes: 3 << 20, Total: 9 << 20, Attempt: 2}, On: true},
		drill.StoreFlows{Dataset: "orders", Region: "east", Took: 30 * time.Second},
		drill.RejoinStarted{Dataset: "orders", Region: "east", Authority: "west"},
		drill.RejoinDone{Dataset: "orders", Region: "east", Diverged: 1, Bytes: 2048},
		drill.LedgerChecked{Dataset: "orders", Region: "west", Acknowledged: 12418},
		drill.Rerouted{Population: "near", From: "east", To: "west", Why: "east is down"},
		drill.Rerouted{Population: "near", From: "west", Why: "all are down"},
		drill.Rerouted{Population: "near", To: "west", Why: "west is up", Shares: map[string]float64{"west": 0.7, "east": 0.3}},
		drill.Rerouted{Population: "near", From: "west", Why: "no region in EU is up", Refused: true},
		drill.RegionHeld{Region: "east", For: 5 * time.Second},
		drill.RegionHeld{Region: "east"},
		drill.RegionFlapping{Region: "east", On: true, Downs: 3, Within: 30 * time.Second},
		drill.RegionFlapping{Region: "east", Within: 30 * time.Second},
		drill.RegionRamped{Region: "east", Over: 10 * time.Second},
		drill.Recovered{Fault: 1, Since: 3 * time.Second},
		drill.NoteWritten{By: "ann", Text: "so"},
		drill.TaskFailed{Task: "journal", Error: "disk full"},
		drill.DrillEnded{Verdict: drill.Passed},
	)
	lines := slices.DeleteFunc(Timeline(s), func(l Line) bool { return l.Mark == MarkIncident })
	// All but the start of the drill, and the fault stage, whose fault has a line.
	if want := 43 - 2; len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
	text := ""
	for i, l := range lines {
		if l.Text == "" || l.T != s.Timeline[i].T {
			t.Errorf("%s: %+v", s.Timeline[i].Body.Kind(), l)
		}
		text += string(l.Mark) + " " + l.Text + "\n"
	}
	for _, want := range []string{
		"traffic all normal in the warm-up: 100.00 % of 1 request succeeded in 1.0 s",
		"traffic east up after 1 probe\n",
		"fault east and west partitioned · silent",
		"operator east and west healed · answers",
		"data orders: detect 1.0 s · 3 probes",
		"data first write of orders confirmed by west, RTO 3.0 s",
		"data split brain of orders is over: 2 writes confirmed by east, 2 by west",
		"east has caught up with orders within 500 ms: 2.0 KiB copied, 1 write that it alone had set aside",
		"orders checked in west: 0 of 12,418 confirmed writes lost",
		"recovered 3.0 s after the fault began: users",
		"fault no region can serve near: all are down",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q in\n%s", want, text)
		}
	}
}

// A check that finds nothing new says what those before it found, and a recovery from which
// fault it is and what else is still broken.
func TestWhatWasToldBeforeIsNotForgotten(t *testing.T) {
	s := drill.NewState()
	bodies := []drill.Body{
		drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "us"}, {Name: "eu"}, {Name: "ap"}}, Datasets: []topology.Dataset{{Name: "orders"}}}},
		drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "ap", Done: "killed"},
		drill.FaultProved{ID: 2, Fault: drill.FaultKill, Region: "eu", Done: "killed", From: time.Second},
		drill.Recovered{Fault: 2, Since: 2 * time.Second, Slowly: true},
		drill.Recovered{Fault: 2, Since: 3 * time.Second},
		drill.FaultLifted{ID: 1, Region: "ap"},
		drill.LedgerChecked{Dataset: "orders", Region: "us", Acknowledged: 817, LostBefore: 279},
	}
	for i, b := range bodies {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Second, Body: b})
	}
	text := ""
	for _, l := range Timeline(s) {
		text += l.Text + "\n"
	}
	for _, want := range []string{
		"279 of 817 confirmed writes lost, 0 of them since the check before",
		"served again 1.0 s after the fault began, too slowly for some while the fault lasts (of eu killed); still ap killed\n",
		"recovered 2.0 s after the fault began: users are served as before (of eu killed); still ap killed\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q in\n%s", want, text)
		}
	}
}

// A scaling by objects is told when they were changed: nobody has waited for what they name, so no time is told.
func TestAScalingThatNobodyWaitedForHasNoTime(t *testing.T) {
	for took, want := range map[time.Duration]string{0: "a scaled from 1 to 2 web replicas", time.Second: "a scaled from 1 to 2 web replicas in 1.0 s"} {
		s := drill.NewState()
		for i, b := range []drill.Body{
			drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}}}},
			drill.RegionScaled{Region: "a", Was: 1, Replicas: 2, Took: took},
		} {
			s.Apply(drill.Event{Seq: uint64(i + 1), Body: b})
		}
		lines := Timeline(s)
		if text := lines[len(lines)-1].Text; text != want {
			t.Errorf("%q, want %q", text, want)
		}
	}
}

func TestClockHasNoNegativeZero(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-40 * time.Millisecond: "00:00.0", 0: "00:00.0", -1200 * time.Millisecond: "-00:01.2", 61500 * time.Millisecond: "01:01.5",
		2 * time.Hour: "2:00:00",
	} {
		if got := Clock(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

// What was not sent is told for its window, and before the first step as in no number.
func TestWhatWasNotSentIsCountedFromTheFirstStep(t *testing.T) {
	s := drill.NewState()
	late := func(n, all int) drill.Body {
		return drill.TrafficSampled{Window: 500 * time.Millisecond, Populations: []telemetry.Population{{Population: "x", NotSent: n, TotalNotSent: map[string]int{telemetry.UnsentLate: all}}}}
	}
	for i, b := range []drill.Body{
		drill.DrillStarted{Fleet: topology.Fleet{Users: []topology.Population{{Name: "x"}}}}, drill.PhaseEntered{Phase: drill.PhaseSteady}, late(7, 7),
		drill.PhaseEntered{Phase: drill.PhaseRunning}, late(0, 7), late(3, 10), late(2, 12),
	} {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Second, Body: b})
	}
	var told []string
	for _, l := range Timeline(s) {
		if strings.Contains(l.Text, "not sent") {
			told = append(told, l.Text)
		}
	}
	want := []string{
		"7 requests not sent by this machine within 500 ms: too late to send; before the first step, so not counted",
		"3 requests not sent by this machine within 500 ms: too late to send; counted apart from here on",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

// What has no proof in words ends with what was done, and not with a sign that promises more.
func TestNoLineEndsInAnEmptyProof(t *testing.T) {
	s := apply(
		drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "east"}, {Name: "west"}}, Datasets: []topology.Dataset{{Name: "orders"}}}},
		drill.RegionCordoned{Region: "east", On: true},
		drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{"east", "west"}, Done: "partitioned"},
		drill.FaultLifted{ID: 1},
		drill.FaultLifted{ID: 7, Region: "west"},
		drill.FailoverStaged{ID: 1, Dataset: "orders", From: "east", Stage: drill.StageFault, End: time.Second},
		drill.FailoverStaged{ID: 1, Dataset: "orders", From: "east", Stage: drill.StageDetect, End: 2 * time.Second, Detail: " "},
	)
	for _, l := range Timeline(s) {
		if strings.HasSuffix(strings.TrimSpace(l.Text), "·") {
			t.Errorf("%q ends in nothing", l.Text)
		}
	}
}

// Of a replica that does not lead, no more is known than that its own small writes reach the disk.
func TestWhoTakesWritesAgain(t *testing.T) {
	for as, want := range map[role.Role]string{
		role.Authority: "orders in east takes writes again, after 3.2 s",
		role.Follower:  "orders in east reaches its disk again, after 3.2 s",
		"":             "orders in east reaches its disk again, after 3.2 s",
	} {
		b := drill.StoreFlows{Dataset: "orders", Region: "east", Role: as, Took: 3200 * time.Millisecond}
		if got := Event(drill.NewState(), drill.Event{Body: b}).Text; got != want {
			t.Errorf("as %q: %q, want %q", as, got, want)
		}
	}
}
