package comparison

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// ran is a drill on a fleet of which so many of 100 users in each population were affected, whose
// requests typically took so long, and that was recovered from after so long.
func ran(fleet string, verdict drill.Verdict, affected int, typical, recovered time.Duration) *drill.State {
	s := drill.NewState()
	s.Fleet = topology.Fleet{Name: fleet}
	s.Verdict = verdict
	for _, name := range []string{"americas", "asia"} {
		s.Populations = append(s.Populations, &drill.PopulationState{Spec: topology.Population{Name: name}, Last: &telemetry.Population{
			Population: name, TotalRequests: 1000, TotalFailed: affected, AskedEver: 100, AffectedEver: affected, TotalP50: &typical,
			Impacts: []telemetry.UserImpact{{Command: 1, Asked: 100, Affected: affected, Closed: true}},
		}})
	}
	s.Faults = []*drill.Fault{{FaultProved: drill.FaultProved{ID: 1, Command: 1, From: time.Second}}}
	s.Recoveries = []drill.Recovered{{Fault: 1, Since: time.Second + recovered}}
	return s
}

func find(t *testing.T, c Comparison, key, of string) Row {
	t.Helper()
	for _, r := range c.Rows {
		if r.Key == key && r.Of == of {
			return r
		}
	}
	t.Fatalf("there is no row %s of %q in %+v", key, of, c.Rows)
	return Row{}
}

// What differs is marked, what does by no more than chance is not, and a sentence says who did best by
// which number.
func TestWhatDiffersIsFound(t *testing.T) {
	c := Of(
		Run{Label: "one", State: ran("one", drill.Passed, 100, 10*time.Millisecond, 4*time.Second)},
		Run{Label: "three", State: ran("three", drill.Passed, 30, 90*time.Millisecond, 4300*time.Millisecond)},
	)
	for _, tt := range []struct {
		key, of string
		differs bool
	}{
		{"users_affected", "", true}, {"users_affected_of", "asia", true}, {"recovered", "", false}, {"latency", "americas", true}, {"verdict", "", false},
	} {
		if r := find(t, c, tt.key, tt.of); r.Differs != tt.differs {
			t.Errorf("%s %s: %+v, differs %t", tt.key, tt.of, r.Cells, r.Differs)
		}
	}
	told := strings.Join(c.Findings, "\n")
	for _, want := range []string{
		"three hurt the fewest users: 30 % (60 of 200), against 100 % (200 of 200) on one.",
		"one answered americas soonest: 10 ms, against 90 ms on three.",
		"In short: for one distance speaks; for three blast radius speaks.",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("it does not say %q:\n%s", want, told)
		}
	}
	if strings.Contains(told, "served all users") {
		t.Errorf("a difference by chance is told:\n%s", told)
	}
}

// A run that was not judged, or did not come about, has its column and its reason, and is in no sentence.
func TestARunWithoutAVerdictWinsNothing(t *testing.T) {
	busy := ran("busy", drill.Inconclusive, 0, time.Millisecond, time.Second)
	busy.Why = "the machine was too busy"
	c := Of(
		Run{Label: "one", State: ran("one", drill.Passed, 100, 10*time.Millisecond, 4*time.Second)},
		Run{Label: "busy", State: busy},
		Run{Label: "gone", Why: "the fleet could not start: no disk"},
		Run{Label: "three", State: ran("three", drill.Failed, 30, 10*time.Millisecond, 4*time.Second)},
	)
	row := find(t, c, "users_affected", "")
	if len(row.Cells) != 4 || row.Cells[1].Value == nil || row.Cells[2].Value != nil || row.Cells[2].Text != "–" {
		t.Errorf("%+v", row)
	}
	remarks := strings.Join(c.Remarks(), "\n")
	if want := "busy: inconclusive, the machine was too busy\ngone: the fleet could not start: no disk"; remarks != want {
		t.Errorf("remarks\n%s\nwant\n%s", remarks, want)
	}
	if told := strings.Join(c.Findings, "\n"); strings.Contains(told, "busy") || !strings.Contains(told, "three hurt the fewest users") || !strings.HasSuffix(told, "In short: for three blast radius speaks, and nothing for another.") {
		t.Errorf("it says:\n%s", told)
	}
	if c := Of(c.Runs[0], c.Runs[1]); len(c.Findings) != 0 {
		t.Errorf("of one judged run it says %q", c.Findings)
	}
}

// A lower bound may be more than it says, so it never does best by it.
func TestALowerBoundWinsNothing(t *testing.T) {
	v := func(n float64, atLeast bool) Cell { return Cell{Text: "x", Value: &n, AtLeast: atLeast} }
	for _, tt := range []struct {
		a, b Cell
		want int
	}{
		{v(2, false), v(9, false), -1}, {v(9, false), v(2, false), 1}, {v(2, true), v(9, false), 0}, {v(2, false), v(9, true), -1},
		{v(9, false), v(2, true), 0}, {v(2, false), v(2.4, false), 0}, {v(20, false), v(24, false), 0}, {v(20, false), v(28, false), -1},
	} {
		if got := Seconds.apart(tt.a, tt.b); got != tt.want {
			t.Errorf("%g (%t) and %g (%t) are apart by %d, want %d", *tt.a.Value, tt.a.AtLeast, *tt.b.Value, tt.b.AtLeast, got, tt.want)
		}
	}
	open := Row{Unit: Seconds, Cells: []Cell{v(12, true), v(3, false)}}
	if best, rest := open.best([]int{0, 1}); len(best) != 1 || best[0] != 1 || len(rest) != 1 {
		t.Errorf("best %v, rest %v", best, rest)
	}
}

// Of one dataset or population a row is of all; of several each has its own, whichever run has it.
func TestRowsOfNames(t *testing.T) {
	a, b := ran("a", drill.Passed, 1, time.Millisecond, time.Second), ran("b", drill.Passed, 1, time.Millisecond, time.Second)
	a.Datasets = []*drill.DatasetState{{Name: "orders"}}
	if r := find(t, Of(Run{Label: "a", State: a}), "lost_writes", ""); r.What != "writes lost" {
		t.Errorf("of one dataset: %q", r.What)
	}
	b.Datasets = []*drill.DatasetState{{Name: "orders"}, {Name: "carts"}}
	c := Of(Run{Label: "a", State: a}, Run{Label: "b", State: b})
	if r := find(t, c, "rto", "carts"); r.What != "RTO of carts" || r.Cells[0].Value != nil || r.Cells[0].Text != "–" || r.Cells[1].Text != "no leader moved" {
		t.Errorf("%+v", r)
	}
}

// How long drift stayed and a commit was waited for are rows where anybody changed something, and the run whose drift went soonest is named.
// A commit that comes late may be what a gate is for, so nothing speaks for who had it soonest.
func TestConfigurationIsCompared(t *testing.T) {
	governed := func(fleet string, took time.Duration) *drill.State {
		s := ran(fleet, drill.Passed, 1, time.Millisecond, time.Second)
		s.Fleet.Regions = []topology.Region{{Name: "a"}}
		made, over := time.Second, time.Second+took
		s.Config = &config.State{
			Regions: []*config.Region{{Name: "a"}}, Drifts: []*config.Drift{{Region: "a", Made: &made, Mended: &over}},
			Commits: []*config.CommitAt{{}, {Committed: config.Committed{Revision: config.Revision{Hash: "two"}}, At: made, Applied: map[string]time.Duration{"a": over}}},
		}
		return s
	}
	c := Of(Run{Label: "hub", State: governed("hub", 7*time.Second)}, Run{Label: "pull", State: governed("pull", time.Second)})
	for _, key := range []string{"drift_mended", "commit_reached"} {
		if r := find(t, c, key, ""); !r.Differs || r.Cells[0].Text != "7.0 s" || r.Cells[1].Text != "1.0 s" {
			t.Errorf("%+v", r)
		}
	}
	told := strings.Join(c.Findings, "\n")
	if !strings.Contains(told, "pull put drift right soonest: 1.0 s, against 7.0 s on hub.") || strings.Contains(told, "commit") {
		t.Errorf("it says:\n%s", told)
	}
	still := ran("still", drill.Passed, 1, time.Millisecond, time.Second)
	for _, r := range Of(Run{Label: "a", State: still}, Run{Label: "b", State: still}).Rows {
		if r.Key == "drift_mended" || r.Key == "commit_reached" {
			t.Errorf("where nobody changed anything there is %+v", r)
		}
	}
}

// A fleet needs a cluster for each region that shares none, one for those that share, and one for a hub that stands in none.
func TestClustersAreCounted(t *testing.T) {
	regions := []topology.Region{{Name: "a", Cluster: "one"}, {Name: "b", Cluster: "one"}, {Name: "c"}}
	for want, hub := range map[string]*topology.Hub{"3": {Name: "hub"}, "2": {Name: "hub", In: "c"}} {
		s := drill.NewState()
		s.Fleet = topology.Fleet{Regions: regions, Hub: hub}
		if got := clusters(s, "").Text; got != want {
			t.Errorf("with hub %+v it needs %s, want %s", hub, got, want)
		}
	}
}
