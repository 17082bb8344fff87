package people

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const s = time.Second

func state(t *testing.T) *drill.State {
	t.Helper()
	state := drill.NewState()
	for n, e := range []struct {
		at   time.Duration
		body drill.Body
	}{
		{0, drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}, {Name: "b"}}, Datasets: []topology.Dataset{{Name: "d"}, {Name: "e"}}}}},
		{5 * s, drill.NoteWritten{By: "ann", Text: "detected: before anything broke"}},
		{11 * s, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "a", From: 10 * s}},
		{12 * s, drill.FailoverStaged{ID: 1, Dataset: "d", From: "a", Cause: "fault", Fault: 1, Stage: drill.StageFault, End: 10 * s}},
		{12 * s, drill.FailoverStaged{ID: 1, Dataset: "d", Stage: drill.StageDetect, End: 12 * s}},
		{12 * s, drill.FailoverStaged{ID: 2, Dataset: "e", From: "a", Cause: "fault", Fault: 1, Stage: drill.StageFault, End: 10 * s}},
		{13 * s, drill.FailoverStaged{ID: 2, Dataset: "e", Stage: drill.StageDetect, End: 13 * s}},
		{14 * s, drill.NoteWritten{By: "ann", Text: "detected"}},
		{15 * s, drill.NoteWritten{By: "bob", Text: "a remark"}},
		{16 * s, drill.NoteWritten{By: "bob", Text: "decided: wait"}},
		{20 * s, drill.Recovered{Fault: 1, Since: 18 * s}},
		{30 * s, drill.NoteWritten{By: "ann", Text: "mitigated"}},
	} {
		state.Apply(drill.Event{Seq: uint64(n + 1), T: e.at, Body: e.body})
	}
	return state
}

func known(d time.Duration) measure.Span { return measure.Span{D: d, Known: true} }

func TestMarksStandBesideTheMachine(t *testing.T) {
	got := Marks(state(t))
	want := []struct{ after, machine measure.Span }{
		{},                             // nothing had broken
		{known(4 * s), known(2 * s)},   // the earlier of two failovers
		{known(6 * s), measure.Span{}}, // nothing was decided by the machine
		{known(20 * s), known(8 * s)},
	}
	if len(got) != len(want) {
		t.Fatalf("%d marks: %+v", len(got), got)
	}
	for n, m := range got {
		if m.After != want[n].after || m.Machine != want[n].machine {
			t.Errorf("mark %d (%s): %+v and %+v, want %+v", n, m.Kind, m.After, m.Machine, want[n])
		}
	}
	if got[0].Fault != nil || got[1].Fault == nil || got[2].By != "bob" || got[2].Text != "wait" {
		t.Errorf("%+v", got)
	}
}
