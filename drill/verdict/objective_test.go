package verdict

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func of[T any](v T) *T { return &v }

// Each objective has a name, words and a measure, and says in one way how a file asks for it.
func TestObjectivesAreComplete(t *testing.T) {
	names := map[string]bool{}
	for _, o := range All {
		if o.Name == "" || names[o.Name] || o.Label == "" || o.Help == "" || o.Asked == nil || o.Measure == nil {
			t.Errorf("%q lacks something, or is there twice", o.Name)
		}
		names[o.Name] = true
		if in := o.Input; in != nil {
			ways := 0
			for _, there := range []bool{in.Duration != nil, in.Count != nil, in.Share != nil, in.Word != nil} {
				if there {
					ways++
				}
			}
			if ways != 1 || (in.Word != nil) != (len(in.Words) > 0) {
				t.Errorf("%s can be asked for in %d ways", o.Name, ways)
			}
		}
		if found, known := Find(o.Name); !known || found.Label != o.Label {
			t.Errorf("%s is not found", o.Name)
		}
	}
}

// row is the one objective of that name, and the verdict.
func row(t *testing.T, s *drill.State, name string) (drill.ObjectiveJudged, drill.Verdict, string) {
	t.Helper()
	judged, verdict, why := Judge(s)
	i := slices.IndexFunc(judged, func(j drill.ObjectiveJudged) bool { return j.Name == name })
	if i < 0 {
		t.Fatalf("no row %s in %+v", name, judged)
	}
	return judged[i], verdict, why
}

// Where a loss is what a drill shows, a run that loses nothing fails.
func TestAtLeast(t *testing.T) {
	tests := []struct {
		name    string
		least   int
		lost    int
		audited bool
		verdict drill.Verdict
		why     string
	}{
		{"as many", 1, 1, true, drill.Passed, ""},
		{"more", 1, 3, true, drill.Passed, ""},
		{"none", 1, 0, true, drill.Failed, "lost_writes 0, asked for at least 1"},
		{"some, and perhaps more", 2, 1, false, drill.Inconclusive, "lost_writes was not measured"},
		{"enough, and perhaps more", 2, 2, false, drill.Passed, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := drilled()
			s.Plan.Objectives = runbook.Objectives{LostAtLeast: &tt.least}
			var lost []drill.LostWrite
			for i := range tt.lost {
				lost = append(lost, drill.LostWrite{ID: strings.Repeat("w", i+1), Acked: 5 * time.Second})
			}
			s.Checks[0].Lost, s.Failovers[0].Check.Lost = lost, lost
			if !tt.audited {
				s.Checks = s.Checks[:1]
			}
			j, verdict, why := row(t, s, "lost_writes")
			if verdict != tt.verdict || why != tt.why || !j.AtLeast || j.Target != float64(tt.least) {
				t.Errorf("%s %q, %+v; want %s %q", verdict, why, j, tt.verdict, tt.why)
			}
		})
	}
}

// Asked by dataset, a loss of the one that is to lose some does not excuse one of another.
func TestLostWritesByDataset(t *testing.T) {
	for _, tt := range []struct {
		name       string
		async, one int // lost by the first, and by the one that may lose none
		verdict    drill.Verdict
		why        string
	}{
		{"as asked", 2, 0, drill.Passed, ""},
		{"the strict one too", 2, 1, drill.Failed, "lost_writes of sync 1, asked for at most 0"},
		{"none at all", 0, 0, drill.Failed, "lost_writes of async 0, asked for at least 1"},
	} {
		s := drilled()
		s.Plan.Objectives = runbook.Objectives{LostBy: map[string]runbook.LostGoal{"async": {N: 1, AtLeast: true}, "sync": {}}}
		s.Datasets, s.Failovers, s.Checks = nil, nil, nil
		for dataset, n := range map[string]int{"async": tt.async, "sync": tt.one} {
			s.Datasets = append(s.Datasets, &drill.DatasetState{Name: dataset})
			c := drill.LedgerChecked{Dataset: dataset, Why: drill.CheckedAtEnd}
			for i := range n {
				c.Lost = append(c.Lost, drill.LostWrite{ID: strings.Repeat("w", i+1)})
			}
			s.Checks = append(s.Checks, c)
		}
		judged, verdict, why := Judge(s)
		if verdict != tt.verdict || why != tt.why || len(judged) != 2 || judged[0].Dataset != "async" || *judged[1].Measured != float64(tt.one) {
			t.Errorf("%s: %s %q, %+v", tt.name, verdict, why, judged)
		}
	}
}

func TestSplitBrainIsARow(t *testing.T) {
	for _, tt := range []struct {
		want    string
		splits  int
		verdict drill.Verdict
		why     string
	}{
		{runbook.SplitBrainNone, 0, drill.Passed, ""},
		{runbook.SplitBrainNone, 1, drill.Failed, "us-east and eu-west both confirmed writes of orders"},
		{runbook.SplitBrainShown, 1, drill.Passed, ""},
		{runbook.SplitBrainShown, 0, drill.Failed, "no split brain was seen, and the drill is to show one"},
	} {
		s := drilled()
		s.Plan.Objectives = runbook.Objectives{SplitBrain: tt.want}
		for range tt.splits {
			s.Datasets[0].Splits = append(s.Datasets[0].Splits, &drill.SplitBrain{Old: "us-east", New: "eu-west"})
		}
		j, verdict, why := row(t, s, "split_brain")
		if verdict != tt.verdict || why != tt.why || *j.Measured != float64(tt.splits) {
			t.Errorf("%s with %d: %s %q, %+v", tt.want, tt.splits, verdict, why, j)
		}
	}
}

// A step that is there to be refused is a row, with the reason; one that was taken fails.
func TestRefusedStepsAreARow(t *testing.T) {
	promote := runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "eu-west", By: "drill"}
	refused := func(named bool, change func(*drill.CommandState)) *drill.State {
		s := drilled()
		s.Plan.Objectives = runbook.Objectives{}
		s.Plan.Steps = append(s.Plan.Steps, runbook.Step{Command: promote, Expect: runbook.ExpectRefused})
		c := &drill.CommandState{ID: 9, Command: promote, Ended: of(7 * time.Second), Refused: true, Error: "residency: orders is pinned"}
		change(c)
		s.Commands = append(s.Commands, c)
		if named {
			for i, c := range s.Commands {
				c.Step = of([]int{0, 1, 2, 4}[i])
			}
			s.Faults[0].Command = 1
		}
		return s
	}
	for _, named := range []bool{true, false} {
		s := refused(named, func(*drill.CommandState) {})
		if j, verdict, why := row(t, s, "refused_steps"); verdict != drill.Passed || *j.Measured != 1 || j.Target != 1 || !j.AtLeast {
			t.Errorf("%s %q %+v", verdict, why, j)
		}
		if r := measure.Refusals(s); len(r) != 1 || r[0].Why != "residency: orders is pinned" || r[0].Step != 4 {
			t.Errorf("%+v", r)
		}
		s = refused(named, func(c *drill.CommandState) { c.Refused, c.Error = false, "" })
		if j, verdict, why := row(t, s, "refused_steps"); verdict != drill.Failed || *j.Measured != 0 || why != "promote orders to eu-west was to be refused and was not" {
			t.Errorf("taken: %s %q %+v", verdict, why, j)
		}
	}
	// A drill that ended before the step was answered found out nothing about it.
	for name, s := range map[string]*drill.State{
		"not reached":  refused(true, func(*drill.CommandState) {}),
		"not answered": refused(true, func(c *drill.CommandState) { c.Refused, c.Error, c.Ended = false, "", nil }),
	} {
		if name == "not reached" {
			s.Commands = s.Commands[:3]
		}
		if j, verdict, why := row(t, s, "refused_steps"); verdict != drill.Inconclusive || j.Met != nil || j.Measured != nil || why != "refused_steps was not measured" {
			t.Errorf("%s: %s %q %+v", name, verdict, why, j)
		}
		if r := measure.Refusals(s); len(r) != 1 || r[0].Known || r[0].Refused {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestPinnedDataAbroadIsARow(t *testing.T) {
	for bytes, want := range map[uint64]drill.Verdict{0: drill.Passed, 12: drill.Failed} {
		s := drilled()
		s.Plan.Objectives = runbook.Objectives{}
		s.Regions[0].Spec.Jurisdiction, s.Regions[1].Spec.Jurisdiction = "US", "EU"
		s.Fleet.Datasets[0].Mode, s.Datasets[0].Spec.Mode, s.Datasets[0].Spec.Jurisdiction = topology.ModePinned, topology.ModePinned, "US"
		s.Links = []telemetry.Link{{From: "us-east", To: "eu-west", Bytes: bytes, Datasets: map[string]uint64{"orders": bytes}}}
		if j, verdict, why := row(t, s, "pinned_bytes_abroad"); verdict != want || *j.Measured != float64(bytes) {
			t.Errorf("%d bytes: %s %q %+v", bytes, verdict, why, j)
		}
	}
}

// Of two steps of the same words each is matched with its own command.
func TestStepsAreMatchedByTheirIndex(t *testing.T) {
	s := drilled()
	s.Plan.Steps = append(s.Plan.Steps, s.Plan.Steps[0]) // us-east is killed again
	s.Commands = append(s.Commands, &drill.CommandState{ID: 9, Command: s.Plan.Steps[0].Command, Ended: of(8 * time.Second)})
	for i, c := range s.Commands {
		c.Step = of([]int{0, 1, 2, 4}[i])
	}
	s.Faults[0].Command = 9
	steps := measure.Steps(s)
	if steps[0].Done || !steps[4].Done {
		t.Errorf("the first kill is done %v, the second %v; the fault is the second's", steps[0].Done, steps[4].Done)
	}
	if _, verdict, why := Judge(s); verdict != drill.Inconclusive || !strings.Contains(why, "kill us-east was never proved") {
		t.Errorf("%s %q", verdict, why)
	}
}
