package verdict

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// The words of the drills that ship, each with what is measured about them.
func TestWhatAClauseIsAbout(t *testing.T) {
	for clause, want := range map[string][]string{
		"Readers elsewhere notice nothing. ":                                            {"users_affected"},
		"Writers everywhere wait until another region leads, at most ten seconds; ":     {"rto", "users_affected"},
		"at most one second of orders is lost, because async confirms first. ":          {"rpo", "lost_writes"},
		"slow, narrow, and it loses segments. ":                                         nil,
		"Nothing fails over, since every probe is answered, and no write is lost. ":     {"rto", "lost_writes"},
		"sync and quorum wait a slow round trip for each write and lose none.":          {"lost_writes"},
		"a promotion in Virginia is refused by the rule's name, and not a byte crosses": {"refused_steps", "pinned_bytes_abroad"},
		"and no two regions ever confirm writes at once.":                               {"split_brain"},
		"Nobody notices that eu-west lost its copy":                                     {"users_affected"},
		"The same on the way back.":                                                     nil,
	} {
		var got []string
		for _, o := range All {
			if o.saidIn(strings.ToLower(clause)) {
				got = append(got, o.Name)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q is about %v, want %v", clause, got, want)
		}
	}
}

// What was judged comes with its goal; what the drill asks no goal of, with what was measured alone; what was
// not measured is not told.
func TestFactsAboutAClause(t *testing.T) {
	goal := 10 * time.Second
	s := drill.NewState()
	at := time.Duration(0)
	for _, b := range []drill.Body{
		drill.DrillStarted{Fleet: topology.Fleet{Datasets: []topology.Dataset{{Name: "orders"}}}, Plan: &runbook.Plan{Objectives: runbook.Objectives{RTO: &goal}}},
		drill.SwitchoverDone{Dataset: "orders", From: "a", To: "b", Epoch: 2, Blocked: 300 * time.Millisecond},
		drill.LedgerChecked{Dataset: "orders", Why: drill.CheckedAtEnd, Acknowledged: 9, Lost: []drill.LostWrite{{ID: "x", Epoch: 1}}},
	} {
		at += time.Second
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: at, Body: b})
	}
	judged, _, _ := Judge(s)
	for _, j := range judged {
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: at, Body: j})
	}
	facts := About(s, "b leads again without losing more, and users notice nothing")
	if len(facts) != 2 || facts[0].Label != "RTO" || facts[0].Came != "300 ms" || facts[0].Goal != "at most 10.0 s" || !*facts[0].Judged.Met {
		t.Fatalf("%+v", facts)
	}
	if f := facts[1]; f.Label != "writes lost" || f.Came != "1" || f.Goal != "" || f.Judged != nil {
		t.Errorf("%+v", f)
	}
}

// The RTO's goal is judged in one place, whoever asks.
func TestTheRTOsGoal(t *testing.T) {
	goal := 2 * time.Second
	s := drill.NewState()
	if RTOGoal(s) != 0 || !KeepsRTO(s, time.Hour) {
		t.Error("a drill without a goal misses it")
	}
	s.Plan = &runbook.Plan{Objectives: runbook.Objectives{RTO: &goal}}
	if !KeepsRTO(s, goal) || KeepsRTO(s, goal+time.Millisecond) {
		t.Error("the goal is not at most what it says")
	}
}
